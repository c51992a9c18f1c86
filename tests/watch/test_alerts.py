"""The worst first, within a screen, and only what one may see."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from domain.findings import Level
from domain.states import InstanceState
from tests.backups.rows import make_backup_row
from tests.people import make_client
from tests.rows import make_instance_row
from watch.alerts import EXAMPLES, SHOWN_EXAMPLES, list_alerts

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    """Somebody who sees everything."""
    return User.objects.create_superuser("anne")


def test_the_worst_is_first_and_examples_end_with_the_screen(administrator: User) -> None:
    for number in range(6):
        make_backup_row(make_instance_row(f"late-{number}", state=InstanceState.ACTIVE), hours_ago=30)
        make_instance_row(f"failed-{number}", state=InstanceState.FAILED)
        make_backup_row(make_instance_row(f"gone-{number}", state=InstanceState.ACTIVE), hours_ago=70)
    alerts = list_alerts(administrator, now=timezone.now())
    levels = [alert.level for alert in alerts]
    assert levels == sorted(levels, key=[Level.CRITICAL, Level.WARNING, Level.OK].index)
    assert [alert.count for alert in alerts] == [6, 6, 6, 6]
    shown = [len(alert.examples) for alert in alerts]
    assert max(shown) == EXAMPLES and sum(shown) == SHOWN_EXAMPLES
    assert all(alert.link for alert in alerts)


def test_one_sees_what_one_may_look_at() -> None:
    make_instance_row(state=InstanceState.FAILED)
    make_client("tenants.view_instance", name="jeanne")
    make_client(name="stranger")
    sees = list_alerts(User.objects.get(username="jeanne"), now=timezone.now())
    assert len(sees) == 1 and not any(example.operation for alert in sees for example in alert.examples)
    assert list_alerts(User.objects.get(username="stranger"), now=timezone.now()) == []
