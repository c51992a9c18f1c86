"""States and ages as badges."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.instances.columns import STATE_COLOURS, make_age_badge, make_badge
from domain.states import InstanceState


def test_every_state_has_a_colour() -> None:
    assert set(STATE_COLOURS) == {state.value for state in InstanceState}


def test_a_badge_escapes_its_text() -> None:
    badge = make_badge("<b>", "success")
    assert "&lt;b&gt;" in badge and "<b>" not in badge and "green" in badge


@pytest.mark.parametrize(("hours", "colour"), [(1, "green"), (30, "orange"), (60, "red")])
def test_an_old_backup_is_seen(hours: int, colour: str) -> None:
    now = timezone.now()
    assert colour in make_age_badge("active", now - timedelta(hours=hours), now=now)


@pytest.mark.parametrize("state", list(InstanceState))
def test_no_backup_is_a_fault_only_where_there_is_data(state: InstanceState) -> None:
    without_data = state in (InstanceState.NEW, InstanceState.PROVISIONING, InstanceState.DELETED)
    assert ("red" in make_age_badge(state.value, None, now=timezone.now())) is not without_data
