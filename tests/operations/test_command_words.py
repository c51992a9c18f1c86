"""Help and refusals of commands are in the active language; what is not known stays as argparse said it."""

import pytest
from django.utils import translation

from operations.command_words import WordedCommand, word_refusal


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        ("the following arguments are required: instance", "il manque les arguments suivants : instance"),
        ("argument --days: invalid int value: 'x'", "argument --days : 'x' n’est pas un nombre entier"),
        ("argument --limit: donnez un nombre", "argument --limit : donnez un nombre"),
        ("argument --kind: invalid choice: 'x' (choose from 'a', 'b')", "choix invalide : 'x'"),
        ("something new", "something new"),
    ],
)
def test_a_refusal_is_worded(refusal: str, told: str) -> None:
    with translation.override("fr"):
        assert told in word_refusal(refusal).replace("\u00a0", " ")
    with translation.override("en"):
        assert word_refusal(refusal) == refusal


def test_the_options_that_django_adds_are_worded_too() -> None:
    with translation.override("fr"):
        text = WordedCommand().create_parser("manage.py", "x").format_help().replace("\u00a0", " ")
    assert text.startswith("usage : ")
    assert "afficher cette aide et terminer" in text and "show this help" not in text
