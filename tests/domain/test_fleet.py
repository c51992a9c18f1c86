"""What an engine sees: values that cannot change, and defaults that claim nothing."""

import dataclasses
from datetime import UTC, datetime

import pytest

from domain.fleet import ObservedFleet, ObservedPod, ScheduledRun
from domain.reservations import NOTHING
from domain.specs import JobPhase, JobProgram


def test_a_pod_of_somebody_else_holds_nothing_until_it_is_said() -> None:
    pod = ObservedPod(name="kube-system/coredns")
    assert (pod.instance, pod.component, pod.job, pod.reserved) == (None, "", "", NOTHING)


def test_an_empty_place_is_a_fleet_too() -> None:
    fleet = ObservedFleet(at=datetime(2026, 11, 25, tzinfo=UTC))
    assert (dict(fleet.instances), fleet.nodes, fleet.pods, fleet.volumes) == ({}, (), (), ())


def test_a_run_that_has_not_ended_has_no_result_and_cannot_be_changed() -> None:
    run = ScheduledRun(name="civibackup-29000000", program=JobProgram.BACKUP, phase=JobPhase.RUNNING)
    assert (run.result, run.ended_at) == (None, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.phase = JobPhase.SUCCEEDED  # type: ignore[misc]
