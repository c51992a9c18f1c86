"""Operations that nobody takes up, and a clock that nobody hears."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from domain.states import InstanceState, OperationKind
from operations.requests import request_operation
from tests.people import read_page
from tests.rows import make_instance_row
from watch.checks.work import list_work_alerts
from watch.models import Sighting

pytestmark = pytest.mark.django_db


def test_an_operation_that_no_worker_takes_is_told(admin_client: Client) -> None:
    request_operation(kind=OperationKind.PROVISION, instance=make_instance_row(), requested_by="jeanne")
    now = timezone.now()
    assert list(list_work_alerts(now=now)) == []
    alert, _silence = list_work_alerts(now=now + timedelta(hours=1))
    assert alert.count == 1 and "saint-paul" in alert.examples[0].name
    assert "aucun exécutant" not in read_page(admin_client, "/admin/")


def test_a_clock_that_is_not_heard_is_told_once_there_is_something_to_look_at() -> None:
    later = timezone.now() + timedelta(hours=1)
    assert list(list_work_alerts(now=later)) == []
    make_instance_row(state=InstanceState.ACTIVE)
    assert list(list_work_alerts(now=timezone.now())) == []
    (alert,) = list_work_alerts(now=later)
    assert "30" in alert.title
    Sighting.objects.create(engine="local", at=later, document={"more": None, "binding": ""})
    assert list(list_work_alerts(now=later)) == []
