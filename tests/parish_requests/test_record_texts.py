"""Every line of a record has words, in both languages."""

import pytest
from django.utils import timezone
from django.utils.translation import override

from domain.parish_requests import Move
from parish_requests import record
from parish_requests.models import RequestEvent
from parish_requests.record_texts import WORDS, word_actor, word_event

DATA = {
    "not_before": "2026-11-30T21:00:00+00:00",
    "ends": "2026-12-01T00:00:00+00:00",
    "operation": "op-1",
    "code": "backup_not_good",
    "count": 2,
    "bytes": 1024,
}
DONE = {
    getattr(record, name)
    for name in (
        "BEGUN",
        "SAID",
        "SHOWN",
        "MAILED",
        "WARNED",
        "APPROVED_ONCE",
        "ASKED",
        "RATED",
        "ERASED",
        "KEYED",
        "FETCH_BEGUN",
        "FETCH_ENDED",
    )
}


def make_event(what: str, **data: object) -> RequestEvent:
    return RequestEvent(number=1, at=timezone.now(), actor_kind="staff", actor="marc", what=what, data={**DATA, **data})


def test_everything_that_is_done_has_words() -> None:
    assert set(WORDS) == {move.value for move in Move} | DONE


@pytest.mark.parametrize("what", sorted({move.value for move in Move} | DONE))
def test_words_in_both_languages_with_their_places(what: str) -> None:
    told = {}
    for language in ("en", "fr"):
        with override(language):
            told[language] = word_event(make_event(what))
    assert told["en"] != told["fr"] and "%(" not in told["fr"] and "?" not in told["fr"]


def test_moments_are_told_as_people_read_them() -> None:
    with override("fr"):
        assert "30 novembre 2026 22:00" in word_event(make_event("schedule"))


def test_what_nobody_knows_is_its_code() -> None:
    assert word_event(make_event("from a later version")) == "from a later version"


def test_a_judgement_says_which() -> None:
    with override("en"):
        assert word_event(make_event("rated", is_satisfied=True)) == "The parish is satisfied."
        assert word_event(make_event("rated", is_satisfied=False)) == "The parish is not satisfied."


def test_who_it_was() -> None:
    event = make_event("approve")
    with override("en"):
        assert word_actor(event) == "marc (UEPAL)"
        event.actor_kind, event.actor = "contact", ""
        assert word_actor(event) == "the parish"
