"""manager_check: what Nagios is told of the manager itself."""

from typing import Any

import pytest
from django.utils import timezone

from operations.pulse import record_pulse
from tests.commands import run_command, run_json
from tests.pulses import show_life

pytestmark = pytest.mark.django_db


def test_a_manager_that_works_is_ok_and_says_who_was_seen() -> None:
    show_life()
    record_pulse("worker here 12", now=timezone.now())
    code, answer = run_json("manager_check")
    assert (code, answer["level"], answer["faults"]) == (0, "OK", [])
    assert set(answer["seen"]) == {"clock", "sweep", "worker here 12"}
    assert run_command("manager_check")[1].startswith("OK\n")


def test_silence_is_critical_with_what_to_do() -> None:
    code, answer = run_json("manager_check")
    assert (code, answer["level"]) == (2, "CRITICAL")
    assert answer["faults"][0]["code"] == "clock_silent"
    assert "services.py start" in answer["faults"][0]["hint"]


def test_a_disk_that_fills_is_a_warning(settings: Any) -> None:
    show_life()
    settings.DISK_WARNING_MEBIBYTES = 10**9
    assert run_command("manager_check")[0] == 1
