"""Every reason has its words."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from backups.retention_texts import WHY, describe_fate, describe_reasons
from programs.sets.retention import Decision, HeldSet, Reason, Why

NOW = datetime(2026, 11, 26, tzinfo=UTC)
HELD = HeldSet(backup_id="x", started_at=NOW, scope="full", good=True)


@pytest.mark.parametrize("why", list(Why))
def test_every_reason_has_words_with_its_places_filled(why: Why) -> None:
    decision = Decision(held=HELD, keep=True, reasons=(Reason(why=why, period="2026-11", until=NOW, name="op-1"),))
    (text,) = describe_reasons(decision)
    assert text and "%(" not in text and set(WHY) == set(Why)


def test_a_fate_is_a_sentence() -> None:
    with translation.override("en"):
        kept = Decision(held=HELD, keep=True, reasons=(Reason(why=Why.NEWEST), Reason(why=Why.LAST)))
        assert describe_fate(kept, None) == "Kept: the newest good one of its scope, one of the last ones."
        assert "Goes on" in describe_fate(kept, NOW)
        gone = Decision(held=HELD, keep=False, reasons=(Reason(why=Why.NOT_GOOD),))
        assert describe_fate(gone, NOW).startswith("Goes now: it cannot")
