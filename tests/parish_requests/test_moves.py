"""One way to change a state: what the table allows, together with its line of the record, once."""

import itertools
from collections.abc import Iterator

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import CiviparoisseError
from domain.parish_requests import ENDED_STATES, Move, RequestState, find_end
from parish_requests import moves
from parish_requests.actors import MANAGER, Actor
from parish_requests.models import RestoreRequest
from parish_requests.moves import move_request, register_listener
from parish_requests.record import find_record_break, record_event
from tenants.models import Instance
from tests.parish_requests.cast import list_lines
from tests.rows import make_instance_row


def make_request(state: str = "draft") -> RestoreRequest:
    instance = Instance.objects.first() or make_instance_row()
    row = RestoreRequest.objects.create(tenant=instance.tenant, instance=instance, wish="help", state=state)
    record_event(row, actor=MANAGER, what="begun", now=timezone.now())
    return row


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Move, Actor]]]:
    """What a listener was told."""
    heard: list[tuple[str, Move, Actor]] = []

    def listen(request: RestoreRequest, move: Move, actor: Actor) -> None:
        heard.append((request.state, move, actor))

    monkeypatch.setattr(moves, "_listeners", [])
    register_listener(listen)
    register_listener(listen)
    yield heard


@pytest.mark.django_db
@pytest.mark.parametrize(("move", "state"), list(itertools.product(Move, RequestState)))
def test_every_move_from_every_state_does_what_the_table_says(move: Move, state: RequestState) -> None:
    request, now = make_request(state.value), timezone.now()
    after = find_end(move, state)
    if after is None:
        with pytest.raises(CiviparoisseError) as refused:
            move_request(request, move, actor=MANAGER, now=now)
        assert refused.value.code == "request_state_forbids"
        assert refused.value.params == {"request": request.reference, "request_state": state, "move": move}
        request.refresh_from_db()
        assert (request.state, list_lines(request)) == (state, ["begun"])
        return
    request = move_request(request, move, actor=MANAGER, now=now)
    assert (request.state, list_lines(request)) == (after, ["begun", move.value])
    assert request.ended_at == (now if after in ENDED_STATES else None)
    assert find_record_break(request) is None


@pytest.mark.django_db
def test_listeners_are_told_once_after_the_move(told: list[tuple[str, Move, Actor]]) -> None:
    request = make_request()
    move_request(request, Move.SUBMIT, actor=MANAGER, now=timezone.now())
    assert told == [("submitted", Move.SUBMIT, MANAGER)]
    with pytest.raises(CiviparoisseError):
        move_request(request, Move.SUBMIT, actor=MANAGER, now=timezone.now())
    assert len(told) == 1


@pytest.mark.django_db
def test_a_listener_that_fails_leaves_nothing_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_told: object) -> None:
        raise CiviparoisseError("mail_not_set")

    monkeypatch.setattr(moves, "_listeners", [fail])
    request = make_request()
    with pytest.raises(CiviparoisseError):
        move_request(request, Move.SUBMIT, actor=MANAGER, now=timezone.now())
    request.refresh_from_db()
    assert (request.state, list_lines(request)) == ("draft", ["begun"])


@pytest.mark.django_db
def test_what_else_must_be_so_is_asked_in_the_same_update() -> None:
    request, now = make_request(), timezone.now()
    with pytest.raises(CiviparoisseError):
        move_request(request, Move.SUBMIT, actor=MANAGER, now=now, where={"expires_at__lte": now})
    changes = {"refusal": "no"}
    request = move_request(request, Move.SUBMIT, actor=MANAGER, now=now, where={"expires_at": None}, changes=changes)
    assert (request.state, request.refusal) == ("submitted", "no")


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(Move), st.integers(0, 2)), min_size=1, max_size=14))
def test_whatever_three_people_try_the_record_is_the_path_and_whole(tried: list[tuple[Move, int]]) -> None:
    """Each of them saw the request at some earlier time, and tries what was possible then."""
    request = make_request()
    copies = [RestoreRequest.objects.get(pk=request.pk) for _person in range(3)]
    state, path = RequestState.DRAFT, ["begun"]
    for move, person in tried:
        after = find_end(move, state)
        try:
            move_request(copies[person], move, actor=MANAGER, now=timezone.now())
        except CiviparoisseError:
            assert after is None
        else:
            assert after is not None
            state, path = after, [*path, move.value]
        assert copies[person].state == state, "whoever was too late sees what is so now"
    request.refresh_from_db()
    assert (request.state, list_lines(request)) == (state, path)
    assert find_record_break(request) is None
