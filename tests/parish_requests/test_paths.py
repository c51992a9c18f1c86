"""Whatever the parish, three people of UEPAL and the clock do in whatever order, what must hold always holds."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import CiviparoisseError
from domain.parish_requests import MOVES, Move, RequestState
from domain.states import ACTIVE_OPERATION_STATES
from operations.models import Operation
from parish_requests.actors import make_contact_actor
from parish_requests.asking import answer_question, submit_request, withdraw_request
from parish_requests.deciding import ask_back, refuse_request, retry_request
from parish_requests.models import RequestEvent, RestoreRequest
from parish_requests.record import find_record_break
from parish_requests.running import advance_requests
from tenants.models import Instance
from tests.parish_requests.cast import approve, list_operations_of, make_draft, make_parish, make_person, make_staff

pytestmark = pytest.mark.django_db
# Eva is of UEPAL, and the mail address that asks is hers.
PEOPLE = ("marc", "lucie", "eva")


def end(request: RestoreRequest, *, state: str) -> None:
    """Let the operation of a request end, as a worker would leave its row."""
    rows = Operation.objects.filter(requests=request, state__in=ACTIVE_OPERATION_STATES)
    rows.update(state=state, lock=None, ended_at=timezone.now())
    Instance.objects.filter(pk=request.instance.pk).update(state="active")


def submit(request: RestoreRequest, _person: User) -> object:
    return submit_request(request, actor=make_contact_actor(request.asked_by), now=timezone.now())  # type: ignore[arg-type]


def answer(request: RestoreRequest, _person: User) -> object:
    return answer_question(request, "oui", actor=make_contact_actor(request.asked_by), now=timezone.now())  # type: ignore[arg-type]


ACTS: dict[str, Callable[[RestoreRequest, User], object]] = {
    "submit": submit,
    "answer": answer,
    "withdraw": lambda row, person: withdraw_request(row, actor=make_staff(person), now=timezone.now()),
    "approve": approve,
    "approve for later": lambda row, person: approve(row, person, not_before=timezone.now() + timedelta(hours=1)),
    "ask": lambda row, person: ask_back(row, "?", person=person, actor=make_staff(person), now=timezone.now()),
    "refuse": lambda row, person: refuse_request(
        row, "non", person=person, actor=make_staff(person), now=timezone.now()
    ),
    "retry": lambda row, person: retry_request(row, person=person, actor=make_staff(person), now=timezone.now()),
    "clock": lambda _row, _person: advance_requests(now=timezone.now()),
    "clock later": lambda _row, _person: advance_requests(now=timezone.now() + timedelta(hours=2)),
    "it succeeds": lambda row, _person: end(row, state="succeeded"),
    "it fails": lambda row, _person: end(row, state="failed"),
}


def check(request: RestoreRequest, seen: list[str]) -> None:
    """What must hold after everything that anybody does."""
    before = RequestState(request.state)
    request.refresh_from_db()
    events = list(RequestEvent.objects.filter(request=request).order_by("number"))
    assert find_record_break(request) is None
    moves = [event.what for event in events if event.what in set(Move)]
    for what in moves[len(seen) :]:
        allowed, after = MOVES[Move(what)]
        assert before in allowed, (before, what)
        before = after
    assert before == request.state
    seen[:] = moves
    assert not [event for event in events if event.what.startswith("approve") and event.actor == "eva"]
    begun = list_operations_of(request)
    assert len(begun) == moves.count("start") <= 1 + moves.count("fail")
    assert not begun or request.operation in (begun[-1], None)
    approvers = {event.actor for event in events if event.what in ("approve", "schedule", "approved_once")}
    assert "start" not in moves or len(approvers) >= request.approvals_needed


# A way that leads far; then whatever comes.
BEGINNINGS = (
    ["submit"],
    ["submit", "approve"],
    ["submit", "approve", "clock"],
    ["submit", "approve", "clock", "it fails", "clock"],
)


@pytest.mark.parametrize("beginning", BEGINNINGS, ids=["sent", "approved", "begun", "failed"])
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from(PEOPLE)), min_size=2, max_size=10))
def test_what_must_hold_holds_whatever_is_done(beginning: list[str], done: list[tuple[str, str]]) -> None:
    slug = f"paroisse-{Instance.objects.count()}"
    request = make_draft(make_parish(slug), wish="backup")
    for name in PEOPLE:
        if not User.objects.filter(username=name).exists():
            make_person(name)
    User.objects.filter(username="eva").update(email=request.asked_mail.upper())
    seen: list[str] = []
    for act, name in [*((act, "lucie") for act in beginning), *done]:
        row = RestoreRequest.objects.get(pk=request.pk)
        try:
            ACTS[act](row, User.objects.get(username=name))
        except CiviparoisseError:
            pass
        check(request, seen)
    reached = {"approve": "approve", "clock": "start", "it fails": "fail"}
    assert {reached.get(act, act) for act in beginning} <= set(seen)
