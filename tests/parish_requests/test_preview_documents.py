"""Both sides of a preview become a document: what would be lost, what returns, what asks for a second person."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.figures import SUM
from parish_requests.models import RequestRules
from parish_requests.preview_documents import (
    compare_sides,
    compute_approvals,
    compute_lost_percent,
    digest_preview,
    has_changed,
    list_codes,
)

MOMENT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
THEN = {
    "at": int(MOMENT.timestamp()),
    "counts": {
        "contacts": {"count": 120, "last": 130, "newest": int(MOMENT.timestamp()) - 3600},
        "contributions": {"count": 400, "last": 410, "cents": 2_000_000},
        "mailings": {"count": 5, "last": 9},
        "files": {"count": 30},
    },
}
NOW = {
    "at": int(MOMENT.timestamp()) + 86_400,
    "counts": {
        "contacts": {"count": 121, "last": 135, "entered": 3, "changed": 7, "newest": int(MOMENT.timestamp()) + 60},
        "contributions": {"count": 423, "last": 433, "cents": 2_124_000, "entered": 23, "entered_cents": 124_000},
        "mailings": {"count": 5, "last": 9, "entered": 0},
        "files": {"count": 28},
    },
}
RULES = RequestRules(second_from_lost_percent=10, second_from_days=14)


def make_document(
    *, then: dict[str, Any] | None = THEN, now: dict[str, Any] | None = NOW, scope: str = "everything",
    warnings: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:  # fmt: skip
    return compare_sides(scope=scope, moment=MOMENT, then=then, now=now, warnings=warnings)


def change_now(code: str, **figures: int) -> dict[str, Any]:
    counts: dict[str, Any] = {**NOW["counts"]}  # type: ignore[dict-item]
    return {**NOW, "counts": {**counts, code: {**counts[code], **figures}}}


def test_what_was_entered_is_lost_and_what_was_removed_returns() -> None:
    document = make_document()
    assert document["lost"] == {"contacts": 3, "contributions": 23, SUM: 124_000}
    assert document["returns"] == {"contacts": 2, "files": 2}
    assert document["changed"] == {"contacts": 7}
    assert {"code": "contacts", "then": 120, "now": 121, "difference": -1} in document["figures"]
    assert document["newest"] == {"then": "2026-11-24T01:10:00Z", "now": "2026-11-24T02:11:00Z"}
    assert document["taken_at"] == "2026-11-25T02:10:00Z"
    assert document["is_whole"]
    assert document["warnings"] == [{"code": "payment_since", "params": {"count": 23, "cents": 124_000}}]


def test_what_counts_now_without_a_new_row_is_lost_too() -> None:
    """A contribution that was pending then and is completed now has no higher key."""
    document = make_document(now=change_now("contributions", count=410, entered=0, cents=2_050_000, entered_cents=0))
    assert document["lost"]["contributions"] == 10
    assert document["lost"][SUM] == 50_000
    assert "contributions" not in document["returns"]


def test_what_was_entered_and_removed_as_often_is_no_loss_of_nothing() -> None:
    document = make_document(now=change_now("contacts", count=120, entered=40))
    assert document["lost"]["contacts"] == document["returns"]["contacts"] == 40


@pytest.mark.parametrize(
    ("scope", "codes"),
    [("files", ["files"]), ("part", []), ("data", ["contacts", "contributions", SUM, "mailings"])],
)
def test_a_scope_compares_what_it_replaces(scope: str, codes: list[str]) -> None:
    document = make_document(scope=scope)
    assert [entry["code"] for entry in document["figures"]] == codes
    assert document["is_whole"]
    assert set(document["lost"]) <= set(codes)


@pytest.mark.parametrize(("then", "now"), [(None, NOW), (THEN, None), (None, None)])
def test_a_side_that_is_not_known_is_no_zero(then: dict[str, Any] | None, now: dict[str, Any] | None) -> None:
    document = make_document(then=then, now=now)
    assert document["figures"] == [] and document["lost"] == {} and not document["is_whole"]
    assert compute_lost_percent(document) is None
    assert compute_approvals(document, RULES) == 2


def test_a_figure_that_one_side_alone_tells_is_named() -> None:
    now = {**NOW, "counts": {"contacts": NOW["counts"]["contacts"]}}  # type: ignore[index]
    document = make_document(now=now)
    assert document["not_compared"] == ["contributions", "mailings", "files"]
    assert not document["is_whole"]
    assert compute_approvals(document, RULES) == 2


def test_what_nobody_can_trace_is_no_certain_loss() -> None:
    """Rows of both sides, but not which of them were entered since: a set in between does not tell its keys."""
    document = compare_sides(
        scope="data", moment=MOMENT, then=THEN, now=change_now("contributions", count=423, entered=0), warnings=(),
        untraced=["contributions", "users"],
    )  # fmt: skip
    assert document["not_compared"] == ["contributions"] and not document["is_whole"]
    assert document["lost"]["contributions"] == 23, "what is certain is told"
    assert {"code": "partly_known", "params": {"codes": ["contributions"]}} in document["warnings"]
    assert compute_lost_percent(document) is None and compute_approvals(document, RULES) == 2


def test_a_table_that_neither_side_has_is_no_reason_for_a_second_person() -> None:
    then, now = ({**side, "counts": {"files": {"count": 3}}} for side in (THEN, NOW))
    document = make_document(then=then, now=now)
    assert document["is_whole"]
    assert compute_approvals(document, RULES) == 1


@pytest.mark.parametrize(
    ("lost", "cents", "expected"),
    [(0, 0, 1), (41, 0, 1), (42, 0, 2), (1, 190_000, 1), (1, 200_000, 2)],
)
def test_a_share_of_the_contributions_takes_two_persons(lost: int, cents: int, expected: int) -> None:
    then = {**THEN, "counts": {**THEN["counts"], "contributions": {"count": 420 - lost, "cents": 2_000_000 - cents}}}  # type: ignore[dict-item]
    document = make_document(then=then, now=change_now("contributions", count=420, cents=2_000_000, entered=lost,
                                                       entered_cents=cents))  # fmt: skip
    assert compute_approvals(document, RULES) == expected


def test_no_share_of_nothing_and_never_more_than_all_of_it() -> None:
    document = make_document(now=change_now("contributions", count=0, cents=0, entered=0, entered_cents=0))
    assert compute_lost_percent(document) == 0
    refunded = make_document(now=change_now("contributions", count=423, cents=1, entered=23, entered_cents=124_000))
    assert compute_lost_percent(refunded) == 100


@pytest.mark.parametrize(
    ("age", "expected"), [(timedelta(days=14), 2), (timedelta(days=14) - timedelta(seconds=1), 1), (timedelta(0), 1)]
)
def test_an_old_set_takes_two_persons(age: timedelta, expected: int) -> None:
    assert compute_approvals(make_document(), RULES, now=MOMENT + age) == expected


def test_without_a_safety_copy_two_persons_approve() -> None:
    assert compute_approvals(make_document(), RULES, is_safety_possible=False) == 2
    assert compute_approvals({}, RULES) == 1


def test_files_alone_lose_no_contribution() -> None:
    unknown = make_document(then=None, now=None, scope="files")
    assert compute_lost_percent(unknown) == 0
    assert compute_approvals(unknown, RULES) == 1


@pytest.mark.parametrize(
    ("code", "figures", "expected"),
    [
        ("contributions", {"count": 425, "entered": 25}, False),
        ("contributions", {"count": 426, "entered": 26}, True),
        ("contributions", {"cents": 2_129_000, "entered_cents": 129_000}, False),
        ("contributions", {"cents": 2_129_001, "entered_cents": 129_001}, True),
        ("mailings", {"count": 6, "entered": 1}, True),
        ("contacts", {"count": 131, "entered": 13}, False),
        ("contacts", {"count": 132, "entered": 14}, True),
        ("contacts", {"changed": 17}, False),
        ("contacts", {"changed": 18}, True),
        ("contacts", {"count": 119, "entered": 1, "changed": 0}, False),
    ],
)
def test_what_is_beyond_the_tolerance(code: str, figures: dict[str, int], expected: bool) -> None:
    assert has_changed(make_document(), make_document(now=change_now(code, **figures))) is expected


def test_a_large_parish_may_enter_more_contacts_and_no_more_gifts() -> None:
    before = make_document(now=change_now("contacts", count=10_000, entered=9_900))
    after = make_document(now=change_now("contacts", count=10_500, entered=10_400))
    assert not has_changed(before, after)
    more = change_now("contacts", count=10_600, entered=10_500)
    assert has_changed(before, make_document(now=more))


def test_another_set_a_weighty_warning_or_an_unknown_side_is_a_change() -> None:
    before = make_document()
    assert not has_changed(before, make_document())
    assert not has_changed({}, {})
    assert has_changed(before, {**make_document(), "moment": "2026-11-23T02:10:00Z"})
    assert has_changed(before, make_document(scope="data"))
    assert has_changed(before, make_document(now=None))
    upgraded = {"code": "older_release", "params": {"then": "1", "now": "2"}}
    assert has_changed(before, make_document(warnings=(upgraded,)))
    assert not has_changed(make_document(warnings=(upgraded,)), make_document(warnings=(upgraded,)))
    asked = {"code": "others_asked", "params": {"count": 1}}
    assert not has_changed(before, make_document(warnings=(asked,)))


def test_a_digest_is_of_the_content_and_not_of_its_order() -> None:
    document = make_document()
    items = list(document.items())
    random.Random(7).shuffle(items)
    assert digest_preview(dict(items)) == digest_preview(document)
    assert digest_preview({**document, "moment": None}) != digest_preview(document)
    assert document["taken_at"] and digest_preview({**document, "taken_at": "later"}) == digest_preview(document)
    assert len(digest_preview({})) == 64


def test_every_scope_is_known() -> None:
    assert list_codes("everything")[-1] == "files"
    assert "files" not in list_codes("data")
