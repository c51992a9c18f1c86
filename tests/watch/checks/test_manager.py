"""The manager's own faults, as a round sees them and as pages show them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from operations.pulse import CLOCK, SWEEP, record_pulse
from tests.watch.rows import make_message_row, make_recipient_row
from watch.checks.manager import list_manager_alerts, list_seen_alerts
from watch.rounds import run_round

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]
HOUR = timedelta(hours=1)


def test_messages_that_do_not_arrive_are_told_by_recipient() -> None:
    now = timezone.now()
    record_pulse(CLOCK, now=now)
    record_pulse(SWEEP, now=now)
    anne, marc = make_recipient_row(), make_recipient_row("marc")
    for _number in range(3):
        make_message_row(anne, now=now - 2 * HOUR, tries=4, last_error="451")
    make_message_row(marc, now=now - HOUR / 2, tries=4)
    make_message_row(marc, now=now - 3 * HOUR, tries=2, sent_at=now)
    (alert,) = [one for one in list_manager_alerts(now=now) if one.code == "messages_waiting"]
    assert alert.subjects == ("anne",) and alert.count == 1


def test_a_silence_is_shown_though_no_round_sees_it() -> None:
    now = timezone.now()
    record_pulse(CLOCK, now=now)
    record_pulse(SWEEP, now=now)
    run_round(now=now)
    assert not [one for one in list_seen_alerts(now=now) if "silent" in one.subjects[0]]
    later = now + HOUR
    assert [one.subjects for one in list_seen_alerts(now=later) if "silent" in one.subjects[0]] == [("clock_silent",)]
    record_pulse(CLOCK, now=later)
    assert [one.subjects for one in list_seen_alerts(now=later) if "silent" in one.subjects[0]] == [("workers_silent",)]
