"""What the journal keeps in English is shown in French; what a program wrote stays as it wrote it."""

import pytest
from django.utils import translation

from domain.journal_texts import word_entry

LOST = "failed: job_lost {'program': 'backup', 'instance': 'saint-paul'}"


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        ("requested by jeanne", "demandée par jeanne"),
        ("begins (attempt 2)", "commence (essai 2)"),
        ("done", "faite"),
        ("ended: succeeded", "terminée : réussie"),
        ("ended: failed job_lost", "terminée : en échec (job_lost)"),
        ("failed: not so {", "échec : not so {"),
        ("mysqld: ready for connections", "mysqld: ready for connections"),
        ("", ""),
    ],
)
def test_an_entry_is_worded(entry: str, shown: str) -> None:
    with translation.override("fr"):
        assert word_entry(entry).replace("\u00a0", " ") == shown


def test_an_error_of_the_journal_is_its_own_sentence() -> None:
    with translation.override("fr"):
        shown = word_entry(LOST)
    assert "job_lost" not in shown and "{" not in shown and "saint-paul" in shown
    with translation.override("en"):
        assert word_entry("ended: failed job_lost") == "ended: failed (job_lost)"
