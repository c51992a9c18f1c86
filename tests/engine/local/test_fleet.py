"""The machine as a node; servers and runs as pods with the plan's requests; directories as volumes."""

import os
from datetime import UTC, datetime
from pathlib import Path

from domain.reservations import NOTHING, Reservation
from domain.specs import Component, JobProgram
from engine.local.fleet import compute_request, compute_size, observe_machine, observe_node
from tests.builders import MEBIBYTE
from tests.engine.local.conftest import RunningParish
from tests.local_engines import make_job, run_to_end, wait_for_components, wait_until

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def test_the_machine_is_a_node_with_its_processors_and_memory(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       24000000 kB\nMemFree: 1 kB\n")
    node = observe_node(meminfo)
    assert node.allocatable == Reservation(len(os.sched_getaffinity(0)) * 1000, 24000000 * 1024)
    assert node.schedulable


def test_an_empty_place_has_a_node_and_nothing_else(tmp_path: Path) -> None:
    fleet = observe_machine(tmp_path, now=NOW)
    assert (fleet.at, len(fleet.nodes), fleet.instances, fleet.pods, fleet.volumes) == (NOW, 1, {}, (), ())


def test_a_container_that_the_plan_does_not_know_requests_nothing() -> None:
    assert compute_request({}, "db") == NOTHING


def test_what_files_hold_is_counted_whole(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name, size in (("a/x", 100), ("y", 23)):
        (tmp_path / name).write_bytes(b"x" * size)
    assert compute_size(tmp_path) == 123


def test_a_run_holds_its_request_until_it_has_ended(parish: RunningParish) -> None:
    engine, spec = parish.engine, parish.spec
    job = make_job("cron-fleet", JobProgram.CRON)
    engine.run_job(spec, job)
    running = [pod for pod in engine.observe_fleet().pods if pod.job == job.name]
    run_to_end(engine, spec, job)
    (ended,) = [pod for pod in engine.observe_fleet().pods if pod.job == job.name]
    assert ended.component == "cron" and not ended.failed
    assert ended.reserved == NOTHING
    assert ended.started_at is not None and ended.ended_at is not None and ended.started_at <= ended.ended_at
    assert all(pod.reserved in (NOTHING, Reservation(250, 256 * MEBIBYTE)) for pod in running)


def test_a_failed_run_is_seen_as_failed(parish: RunningParish) -> None:
    engine, spec = parish.engine, parish.spec
    job = make_job("verify-fleet", JobProgram.VERIFY, set_of=spec.identifier, BACKUP_ID="20261121T080000Z-000000")
    run_to_end(engine, spec, job)
    (ended,) = [pod for pod in engine.observe_fleet().pods if pod.job == job.name]
    assert ended.failed


def test_volumes_of_stopped_servers_are_bound_and_not_mounted(parish: RunningParish) -> None:
    engine, spec = parish.engine, parish.spec
    before = {volume.claim: volume for volume in engine.observe_fleet().volumes}
    assert before["db"].is_mounted and before["files"].is_mounted
    engine.suspend(spec)
    after = engine.observe_fleet()
    assert not any(volume.is_mounted for volume in after.volumes)
    assert all(volume.is_bound for volume in after.volumes)
    assert not any(pod.ended_at is None for pod in after.pods)
    engine.resume(spec)
    wait_for_components(engine, spec)
    wait_until(lambda: Component.DB in engine.observe(spec.identifier).components, "it is back")


def test_kept_backups_are_a_volume_of_nobody_s_plan(parish: RunningParish) -> None:
    """Last test of the module: the parish is gone afterwards."""
    engine, spec = parish.engine, parish.spec
    backup_id = "20261121T080000Z-0000aa"
    place = engine.root / "instances" / spec.identifier / "backups" / backup_id
    place.mkdir()
    (place / "manifest.json").write_text("{}")
    engine.delete(spec.identifier, keep_backups=True)
    fleet = engine.observe_fleet()
    assert fleet.instances[spec.identifier].backup_ids == (backup_id,)
    (volume,) = fleet.volumes
    assert (volume.claim, volume.capacity_bytes, volume.is_bound) == ("backups", 2, False)
