"""The record of a request: lines are added, never changed unseen; what is personal can be erased."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from domain.parish_requests import RequestState
from parish_requests.actors import MANAGER, make_contact_actor, make_staff_actor
from parish_requests.models import RequestEvent, RestoreRequest
from parish_requests.record import SAID, SEALED_KEY, erase_personal, find_record_break, get_personal, record_event
from tests.parish_requests.cast import make_contact
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of() -> RestoreRequest:
    """A draft with three lines: of a contact, of an account, of the manager."""
    instance = make_instance_row()
    contact = make_contact(instance.tenant)
    row = RestoreRequest.objects.create(tenant=instance.tenant, instance=instance, wish="help")
    lines = (
        (make_contact_actor(contact, "192.0.2.7"), {"text": "à l’aide 🎉", "state": "nonsense", "wish": "help"}),
        (make_staff_actor("marc", "198.51.100.3"), {"text": "oui ?", "approvals": 1}),
        (MANAGER, {"operation": "op-1"}),
    )
    for actor, data in lines:
        record_event(row, actor=actor, what=SAID, data=data, now=timezone.now())
    return row


def get_line(request: RestoreRequest, number: int) -> RequestEvent:
    return RequestEvent.objects.get(request=request, number=number)


def change(request: RestoreRequest, number: int, **values: Any) -> None:
    assert RequestEvent.objects.filter(request=request, number=number).update(**values) == 1


def test_lines_are_numbered_and_chained(request_of: RestoreRequest) -> None:
    events = list(request_of.events.order_by("number"))
    assert [event.number for event in events] == [1, 2, 3]
    assert [event.previous_sha256 for event in events] == ["0" * 64, events[0].sha256, events[1].sha256]
    assert events[0].data["state"] == RequestState.DRAFT, "the state is looked up, not told"
    assert find_record_break(request_of) is None


def change_data(request: RestoreRequest, number: int, **values: Any) -> None:
    change(request, number, data={**get_line(request, number).data, **values})


TAMPERED: dict[str, tuple[int, Callable[[RestoreRequest], Any]]] = {
    "text": (1, lambda row: change_data(row, 1, text="merci")),
    "public value": (2, lambda row: change_data(row, 2, approvals=2)),
    "value more": (2, lambda row: change_data(row, 2, secret="x")),
    "contact": (1, lambda row: change(row, 1, actor="Ève")),
    "account": (2, lambda row: change(row, 2, actor="lucie")),
    "kind of actor": (2, lambda row: change(row, 2, actor_kind="manager")),
    "origin": (2, lambda row: change(row, 2, origin="192.0.2.9")),
    "what": (3, lambda row: change(row, 3, what="approve")),
    "moment": (3, lambda row: change(row, 3, at=timezone.now())),
    "own digest": (3, lambda row: change(row, 3, sha256="f" * 64)),
    "digest before": (2, lambda row: change(row, 2, previous_sha256="f" * 64)),
    "no seal": (2, lambda row: change_data(row, 2, **{SEALED_KEY: {}})),
    "seal of another shape": (2, lambda row: change_data(row, 2, **{SEALED_KEY: "x"})),
    "first removed": (1, lambda row: get_line(row, 1).delete()),
    "middle removed": (2, lambda row: get_line(row, 2).delete()),
    "all removed": (1, lambda row: row.events.all().delete()),
    "request moved without a line": (4, lambda row: RestoreRequest.objects.update(state="done")),  # noqa: ARG005
    "emptied without a line that says so": (1, lambda row: erase_personal(get_line(row, 1))),
    "state of the last line": (3, lambda row: change_data(row, 3, state="done")),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_whatever_is_touched_is_found(request_of: RestoreRequest, case: str) -> None:
    number, touch = TAMPERED[case]
    touch(request_of)
    assert find_record_break(request_of) == number


def test_a_last_line_cut_off_after_a_move_is_found(request_of: RestoreRequest) -> None:
    RestoreRequest.objects.filter(pk=request_of.pk).update(state="submitted")
    record_event(request_of, actor=MANAGER, what="submit", now=timezone.now())
    assert find_record_break(request_of) is None
    get_line(request_of, 4).delete()
    assert find_record_break(request_of) == 4


def test_a_line_of_another_request_is_no_line_of_this_one(request_of: RestoreRequest) -> None:
    other = RestoreRequest.objects.create(tenant=request_of.tenant, instance=request_of.instance, wish="help")
    request_of.events.update(request=other)
    assert find_record_break(other) == 1


def test_a_line_holds_nothing_personal_outside_of_what_is_erased(request_of: RestoreRequest) -> None:
    event = get_line(request_of, 1)
    assert get_personal(event) == {
        "data.text": "à l’aide 🎉",
        "actor": "Jeanne Weiss <jeanne@saint-paul.example.org>",
        "origin": "192.0.2.7",
    }
    assert get_personal(get_line(request_of, 2)) == {"data.text": "oui ?", "origin": "198.51.100.3"}
    assert get_personal(get_line(request_of, 3)) == {}


def test_erased_lines_with_a_line_that_says_so_are_whole(request_of: RestoreRequest) -> None:
    for number in (1, 2, 3):
        erase_personal(get_line(request_of, number))
    record_event(request_of, actor=MANAGER, what="erased", now=timezone.now())
    assert find_record_break(request_of) is None
    first = get_line(request_of, 1)
    assert (first.actor, first.origin, first.data["wish"]) == ("", "", "help")
    assert "Jeanne" not in str(first.data) and first.data[SEALED_KEY]["salt"] == ""
    assert get_line(request_of, 2).actor == "marc", "who of UEPAL decided stays"
    # Written anew, a name is not what was there.
    change(request_of, 1, actor="Ève")
    assert find_record_break(request_of) == 1
