"""What may be done with a request in each state, and that each button does what it says."""

import pytest

from console.requests.decisions import DECISIONS, is_possible, list_decisions
from domain.parish_requests import MOVES, RequestState, Wish
from parish_requests.models import RestoreRequest
from tests.people import make_client

DECIDED = {"approve", "ask-back", "look-again", "refuse", "withdraw"}
POSSIBLE = {
    RequestState.DRAFT: {"send", "withdraw"},
    RequestState.SUBMITTED: DECIDED,
    RequestState.QUESTION: {"answer", "look-again", "refuse", "withdraw"},
    RequestState.APPROVED: {"refuse", "withdraw"},
    RequestState.SCHEDULED: {"refuse", "withdraw"},
    RequestState.RUNNING: set(),
    RequestState.FAILED: {"retry"},
}


@pytest.mark.parametrize("state", list(RequestState))
def test_each_state_allows_what_the_table_of_moves_does(state: RequestState) -> None:
    request = RestoreRequest(state=state.value, wish=Wish.RESTORE.value)
    assert {one.code for one in DECISIONS if is_possible(one, request)} == POSSIBLE.get(state, set())
    for one in DECISIONS:
        if is_possible(one, request) and not one.states:
            assert state in MOVES[one.move][0], one.code


def test_what_people_do_by_hand_is_finished_by_them_and_nothing_else_is() -> None:
    for wish in Wish:
        request = RestoreRequest(state=RequestState.APPROVED.value, wish=wish.value)
        codes = {one.code for one in DECISIONS if is_possible(one, request)}
        assert ("finish" in codes) is (wish is Wish.HELP), wish


@pytest.mark.django_db
def test_nobody_sees_a_button_without_its_permission(django_user_model: type) -> None:

    make_client("parish_requests.change_restorerequest", name="jeanne")
    user = django_user_model.objects.get(username="jeanne")  # type: ignore[attr-defined]
    request = RestoreRequest(state=RequestState.SUBMITTED.value, wish=Wish.RESTORE.value)
    assert [one.code for one in list_decisions(request, user)] == ["withdraw"]
