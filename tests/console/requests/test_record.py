"""The record of a request as its page shows it."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from console.requests.record import SHOWN, describe_record
from domain.parish_requests import Wish
from parish_requests.actors import MANAGER, make_contact_actor, make_staff_actor
from parish_requests.asking import answer_question
from parish_requests.deciding import ask_back
from parish_requests.models import RequestEvent
from parish_requests.record import MAILED, record_event
from tests.console.requests.rows import make_request_row
from tests.people import make_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]


def test_lines_stand_newest_first_and_the_conversation_as_it_was_held() -> None:
    make_client("parish_requests.approve_restorerequest", name="anne")
    person = User.objects.get(username="anne")
    request = make_request_row(wish=Wish.HELP)
    now = timezone.now()
    ask_back(request, "Which day?", person=person, actor=make_staff_actor("anne", "192.0.2.1"), now=now)
    assert request.asked_by is not None
    answer_question(request, "Tuesday", actor=make_contact_actor(request.asked_by), now=now)
    told = describe_record(request)
    assert [line["text"] for line in told["conversation"]] == ["Which day?", "Tuesday"]
    assert [line["is_parish"] for line in told["conversation"]] == [False, True]
    assert told["record_is_whole"] and not told["has_more_events"]
    assert [line["text"] for line in told["events"] if line["text"]] == ["Tuesday", "Which day?"]
    (asked,) = [line for line in told["events"] if line["text"] == "Which day?"]
    assert "anne" in asked["who"] and asked["origin"] == "192.0.2.1"


def test_a_long_record_is_cut_on_the_page_and_said_to_be() -> None:
    request = make_request_row(wish=Wish.HELP)
    for _number in range(SHOWN):
        record_event(request, actor=MANAGER, what=MAILED, now=timezone.now())
    told = describe_record(request)
    assert len(told["events"]) == SHOWN and told["has_more_events"] and told["record_is_whole"]


def test_a_line_that_was_changed_is_found() -> None:
    request = make_request_row(wish=Wish.HELP)
    RequestEvent.objects.filter(request=request, number=2).update(what="approve")
    told = describe_record(request)
    assert (told["record_break"], told["record_is_whole"]) == (2, False)
