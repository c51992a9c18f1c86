"""How far something is, and when the site is back: from what such an operation took before."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from domain.states import InstanceState
from operations.models import Operation
from parish_requests.models import RestoreRequest
from parish_site.progress import Progress, describe_progress
from tenants.closed_page import make_closed_page
from tenants.models import Instance
from tests.rows import make_instance_row

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def make_operation(
    instance: Instance, *, minutes: int | None, state: str = "succeeded", kind: str = "restore"
) -> Operation:
    ended_at = NOW - timedelta(days=1) + timedelta(minutes=minutes) if minutes is not None else None
    started_at = NOW - timedelta(days=1) if minutes is not None else NOW - timedelta(minutes=2)
    return Operation.objects.create(
        kind=kind, instance=instance, subject="x", state=state, started_at=started_at, ended_at=ended_at, progress=40
    )


def make_request(instance: Instance, operation: Operation | None, **values: object) -> RestoreRequest:
    given = {"wish": "restore", "state": "running", **values}
    return RestoreRequest(tenant=instance.tenant, instance=instance, operation=operation, **given)


def describe(request: RestoreRequest, *, now: datetime = NOW) -> Progress | None:
    with override("fr"):
        return describe_progress(request, now=now)


def test_what_runs_tells_how_far_it_is() -> None:
    instance = make_instance_row(state=InstanceState.RESTORING)
    told = describe(make_request(instance, make_operation(instance, minutes=None, state="running")))
    assert told is not None
    assert (told.percent, told.back_at) == (40, "") and "fermé" in told.text


def test_measured_times_tell_when_the_site_is_back() -> None:
    instance, other = make_instance_row(), make_instance_row("sainte-marie")
    for minutes in (8, 10, 30):
        make_operation(instance, minutes=minutes)
    make_operation(instance, minutes=300, state="failed")
    make_operation(instance, minutes=300, kind="backup")
    make_operation(other, minutes=300)
    request = make_request(instance, make_operation(instance, minutes=None, state="running"))
    told = describe(request)
    # Begun at 12:58 in Paris, the median is ten minutes, and a minute to spare.
    assert told is not None and told.back_at == "13:09"
    late = describe(request, now=NOW + timedelta(minutes=9))
    assert late is not None and late.back_at == "", "what takes longer than ever is not promised again"
    assert late.is_late and not told.is_late


def test_the_request_and_the_closed_site_say_the_same() -> None:
    instance = make_instance_row(state=InstanceState.RESTORING)
    instance.closing, instance.back_at = "for_now", NOW + timedelta(minutes=7)
    make_operation(instance, minutes=300)
    told = describe(make_request(instance, make_operation(instance, minutes=None, state="running")))
    page = make_closed_page(instance)
    assert told is not None and page is not None
    assert told.back_at == "13:08" and "13:08" in page.page
    instance.back_at = None
    told = describe(make_request(instance, make_operation(instance, minutes=None, state="running")))
    assert told is not None and (told.back_at, told.is_late) == ("", False)


def test_a_copy_leaves_the_site_open_and_what_waits_says_so() -> None:
    instance = make_instance_row()
    running = make_operation(instance, minutes=None, state="running")
    copy = describe(make_request(instance, running, wish="show_first", sandbox=instance))
    assert copy is not None and "continue" in copy.text
    queued = make_operation(instance, minutes=None, state="queued")
    waiting = describe(make_request(instance, queued))
    assert waiting is not None and "instant" in waiting.text


def test_what_does_not_run_has_no_progress() -> None:
    instance = make_instance_row()
    operation = make_operation(instance, minutes=3)
    assert describe(make_request(instance, operation, state="done")) is None
    assert describe(make_request(instance, None)) is None
