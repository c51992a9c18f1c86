"""What people note of the checklist."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localtime

from backups.checklist_notes import GOOD_FOR, NOTED, answer_notes, note_done
from backups.models import ChecklistNote
from domain.errors import InvalidValue

pytestmark = pytest.mark.django_db


def is_met(code: str) -> bool:
    return next(answer.is_met for answer in answer_notes(timezone.now()) if answer.code == code)


@pytest.mark.parametrize("code", list(NOTED))
def test_a_note_is_good_for_a_year_and_the_newest_day_counts(code: str) -> None:
    now = timezone.now()
    today = localtime(now).date()
    assert not is_met(code)
    note_done(code, day=today - GOOD_FOR - timedelta(days=1), names="Jeanne", requested_by="admin:x", now=now)
    assert not is_met(code)
    note_done(code, day=today - GOOD_FOR, names="Jeanne, Paul", requested_by="admin:x", now=now)
    note_done(code, day=today - timedelta(days=900), names="Paul", requested_by="admin:x", now=now)
    assert is_met(code)
    (answer,) = [one for one in answer_notes(now) if one.code == code]
    assert "Jeanne, Paul" in answer.detail and "admin:x" in answer.detail
    assert [one.code for one in answer_notes(now) if one.is_met] == [code]


@pytest.mark.parametrize(
    "asked",
    [{"code": "x"}, {"names": " "}, {"names": "a\nb"}, {"names": "x" * 401}, {"day": date(9999, 1, 1)}],
    ids=str,
)
def test_what_makes_no_sense_is_not_noted(asked: dict[str, object]) -> None:
    values: dict[str, object] = {"code": "drill_passed", "day": date(2026, 1, 1), "names": "Jeanne", **asked}
    with pytest.raises(InvalidValue):
        note_done(requested_by="x", now=timezone.now(), **values)  # type: ignore[arg-type]
    assert not ChecklistNote.objects.exists()
