"""Answers in an address count where they are the parish's own and possible; what fits what happened is proposed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backups.choices import BackupScope
from backups.models import Backup
from domain.parish_requests import RequestScope, Wish
from parish_requests.moments import Moment
from parish_site.answers import EXTENTS, SHOW_FIRST, list_extents, propose_extent, propose_moment, read_answers

AT = datetime(2026, 11, 30, 3, tzinfo=UTC)


def make(name: str, holds: BackupScope = BackupScope.FULL, why_not: str = "") -> Moment:
    backup = Backup(backup_id=name)
    return Moment(backup=backup, holds=holds, saved_at=AT, protected=False, proven_at=None, why_not=why_not)


FILES, LEAVING, WHOLE, DATA = (
    make("files", BackupScope.FILES),
    make("leaving", why_not="about to be removed"),
    make("whole"),
    make("data", BackupScope.DATABASE),
)
MOMENTS = [FILES, LEAVING, WHOLE, DATA]
GIVEN = {"cause": "import", "moment": "whole", "extent": "part", "part": " sites/a.pdf "}


def test_what_was_answered_is_read_and_written_again() -> None:
    answers = read_answers(GIVEN, MOMENTS)
    assert (answers.cause, answers.moment, answers.extent, answers.part) == ("import", WHOLE, "part", "sites/a.pdf")
    assert read_answers(answers.fields, MOMENTS) == answers
    assert answers.query == "cause=import&moment=whole&extent=part&part=sites%2Fa.pdf"


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"cause": "nothing"}, {"cause": ""}),
        ({"moment": "another parish's"}, {"moment": None, "extent": "", "part": ""}),
        ({"moment": ""}, {"moment": None, "extent": "", "part": ""}),
        ({"moment": "leaving"}, {"moment": None, "extent": "", "part": ""}),
        ({"extent": "all"}, {"extent": "", "part": ""}),
        ({"extent": "data"}, {"extent": "data", "part": ""}),
        ({"moment": "data"}, {"moment": DATA, "extent": "", "part": ""}),
    ],
)
def test_what_is_not_there_or_not_possible_counts_as_no_answer(change: dict[str, str], left: dict[str, object]) -> None:
    whole = read_answers(GIVEN, MOMENTS)
    assert read_answers({**GIVEN, **change}, MOMENTS) == replace(whole, **left)


def test_a_moment_offers_what_it_holds() -> None:
    assert list_extents(WHOLE) == list(EXTENTS)
    assert list_extents(DATA) == ["data"]
    assert list_extents(FILES) == ["files", "part"]


@pytest.mark.parametrize(
    ("cause", "moment", "extent"), [("import", "whole", "data"), ("broken", "whole", "everything")]
)
def test_what_fits_what_happened_is_proposed(cause: str, moment: str, extent: str) -> None:
    answers = read_answers({"cause": cause}, MOMENTS)
    assert propose_moment(answers, MOMENTS) == moment
    assert propose_moment(answers, [LEAVING]) == ""
    assert propose_extent(read_answers({"cause": cause, "moment": moment}, MOMENTS)) == extent


def test_what_was_chosen_goes_before_what_is_proposed() -> None:
    answers = read_answers({"cause": "broken", "moment": "data"}, MOMENTS)
    assert propose_moment(answers, MOMENTS) == "data"
    assert propose_extent(answers) == "data", "the moment holds nothing else"
    assert propose_extent(read_answers(GIVEN, MOMENTS)) == "part"


def test_what_is_shown_first_is_a_copy_of_everything() -> None:
    shown = read_answers({**GIVEN, "extent": SHOW_FIRST}, MOMENTS)
    assert (shown.wish, shown.scope, shown.part) == (Wish.SHOW_FIRST, RequestScope.EVERYTHING, "")
    put_back = read_answers({**GIVEN, "extent": "files"}, MOMENTS)
    assert (put_back.wish, put_back.scope) == (Wish.RESTORE, RequestScope.FILES)


def test_a_file_that_was_not_named_is_still_to_be_found() -> None:
    assert read_answers({**GIVEN, "part": ""}, MOMENTS).needs_part
    assert not read_answers(GIVEN, MOMENTS).needs_part
