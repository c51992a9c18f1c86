"""What a mail says depends on what was asked for and on what there is now: looked up, not assumed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from domain.parish_requests import Move
from domain.states import InstanceState
from parish_requests.models import RestoreRequest
from parish_requests.notice_texts import ENDS_SOON, FETCH, write_notice
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def make_request(**values: Any) -> RestoreRequest:
    row = make_instance_row(state=InstanceState.ACTIVE)
    now = timezone.now()
    given = {"wish": "restore", "submitted_at": now, "ended_at": now, "backup": make_backup_row(row, hours_ago=30)}
    return RestoreRequest.objects.create(tenant=row.tenant, instance=row, **(given | values))


def write(request: RestoreRequest, what: Move | str, **values: Any) -> str:
    with override("en"):
        return write_notice(request, what, **values)[1]


def test_an_undo_is_offered_where_a_safety_copy_is() -> None:
    request = make_request()
    assert "undone until" not in write(request, Move.FINISH)
    request.safety_backup = make_backup_row(request.instance)
    assert "undone until" in write(request, Move.FINISH)
    request.wish = "undo"
    assert "undone until" not in write(request, Move.FINISH)


def test_the_address_of_a_copy_is_told_with_its_end() -> None:
    request = make_request(wish="show_first")
    request.sandbox, request.sandbox_until = request.instance, timezone.now() + timedelta(days=7)
    body = write(request, Move.FINISH)
    assert "https://www.saint-paul.example.org/" in body and "sends no mail" in body


def test_what_people_do_has_no_minute_and_its_text() -> None:
    request = make_request(wish="help", backup=None)
    assert "within minutes" not in write(request, Move.APPROVE) and "Moment" not in write(request, Move.APPROVE)
    assert "We have called you." in write(request, Move.FINISH, text="We have called you.")
    assert "within minutes" in write(make_request_of("restore"), Move.APPROVE)


def make_request_of(wish: str) -> RestoreRequest:
    row = RestoreRequest.objects.select_related("tenant", "instance").get()
    row.wish = wish
    return row


def test_a_failure_says_whether_anything_was_begun() -> None:
    request = make_request()
    assert "nothing was changed" in write(request, Move.FAIL)
    request.operation_id = 1
    assert "nothing was changed" not in write(request, Move.FAIL)


def test_who_is_waited_for_is_said() -> None:
    request = make_request(expires_at=timezone.now() + timedelta(hours=5))
    assert "waits for your answer" not in write(request, ENDS_SOON)
    request.state = "question"
    assert "waits for your answer" in write(request, ENDS_SOON)


def test_that_uepal_entered_it_is_said_with_how() -> None:
    request = make_request(entered_by="marc", channel="by telephone, by Mrs Weiss", part="", scope="data")
    body = write(request, Move.SUBMIT)
    assert "Entered by UEPAL: by telephone, by Mrs Weiss" in body and "the data only" in body and "marc" not in body


def test_data_that_is_fetched_is_told_as_that_once_it_was_approved() -> None:
    soon = timezone.now() + timedelta(hours=5)
    request = make_request(wish="download", asked_name="Jeanne Weiss", expires_at=soon)
    assert "is not answered yet" in write(request, ENDS_SOON) and "without an answer" in write(request, Move.EXPIRE)
    request.decided_at = timezone.now()
    assert "is offered until" in write(request, ENDS_SOON) and "was not fetched" in write(request, Move.EXPIRE)
    assert "nobody else can" in write(request, Move.START) and "fetched, whole" in write(request, Move.FINISH)
    told = write(request, FETCH)
    assert "Jeanne Weiss has begun to fetch" in told and "telephone UEPAL at once" in told
    assert "Nothing was begun" not in write(request, Move.FAIL), "it may have been offered, and fetched in part"
