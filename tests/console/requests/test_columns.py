"""What lists show of a request."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.requests.columns import (
    FAILED_SHOWN,
    STATE_COLOURS,
    describe_asker,
    make_state_badge,
    select_for_list,
    select_waiting,
)
from domain.parish_requests import RequestState, Wish
from parish_requests.models import RestoreRequest
from tests.console.requests.rows import make_request_row, set_state


def test_every_state_has_its_badge() -> None:
    assert set(STATE_COLOURS) == {state.value for state in RequestState}
    for state in RequestState:
        request = RestoreRequest(state=state.value)
        assert str(request.get_state_display()) in make_state_badge(request)


def test_who_entered_it_and_how_it_was_asked_is_said() -> None:
    assert describe_asker(RestoreRequest(asked_name="Jeanne")) == "Jeanne"
    assert describe_asker(RestoreRequest()) == "–"
    told = describe_asker(RestoreRequest(asked_name="Jeanne", entered_by="anne", channel="by telephone"))
    assert all(text in told for text in ("Jeanne", "anne", "by telephone"))
    assert "omar" in describe_asker(RestoreRequest(entered_by="omar", channel="by letter"))


@pytest.mark.django_db
@pytest.mark.usefixtures("defaults", "engine")
def test_what_waits_for_uepal_is_to_be_decided_done_by_hand_or_looked_at() -> None:
    now = timezone.now()
    submitted = make_request_row(wish=Wish.HELP, why="a")
    by_hand = set_state(make_request_row(wish=Wish.HELP, why="b"), RequestState.APPROVED)
    failed = set_state(make_request_row(wish=Wish.HELP, why="c"), RequestState.FAILED, ended_at=now)
    old = now - FAILED_SHOWN - timedelta(hours=1)
    set_state(make_request_row(wish=Wish.HELP, why="d"), RequestState.FAILED, ended_at=old)
    set_state(make_request_row(), RequestState.RUNNING)
    set_state(make_request_row(wish=Wish.HELP, why="e"), RequestState.QUESTION)
    found = {row.pk for row in select_waiting(RestoreRequest.objects.all(), now=now)}
    assert found == {submitted.pk, by_hand.pk, failed.pk}


@pytest.mark.django_db
@pytest.mark.usefixtures("defaults", "engine")
def test_lists_read_neither_texts_nor_secrets(django_assert_num_queries: object) -> None:
    make_request_row(wish=Wish.HELP)
    with django_assert_num_queries(1):  # type: ignore[operator]
        (row,) = select_for_list(RestoreRequest.objects.all())
        assert (row.tenant.slug, row.instance.identifier, row.approved_by) == ("saint-paul", "saint-paul", 0)
    assert {"why", "preview", "refusal"} <= row.get_deferred_fields()
    assert "secrets" in row.instance.get_deferred_fields()
    assert "smtp_password" in row.tenant.get_deferred_fields()
