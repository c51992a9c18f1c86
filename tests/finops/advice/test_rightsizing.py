"""Sizes follow the measure, never below what a program needs, and never without enough of a measure."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.specs import Resources
from finops.advice.rightsizing import (
    CPU_STEP_MILLICORES,
    FEWEST_DAYS,
    FEWEST_POINTS,
    MEMORY_STEP_BYTES,
    Reason,
    add_margin,
    advise_container,
    advise_plan,
    apply_advice,
    find_memory_floor,
    round_up,
)
from finops.usage.evidence import Evidence
from finops.usage.floors import MYSQL_MINIMUM_BYTES, PHP_MEMORY_LIMIT_BYTES
from tests.builders import MEBIBYTE, make_plan, make_resources

MONDAY = date(2026, 11, 2)


def make_evidence(
    *, cpu: int = 80, memory_mebibytes: int = 300, points: int = 4032, days: int = 14, peak: int | None = None
) -> Evidence:
    memory = memory_mebibytes * MEBIBYTE
    return Evidence(
        first_day=MONDAY,
        last_day=MONDAY + timedelta(days=days - 1),
        days=days,
        points=points,
        cpu_p95=cpu,
        cpu_peak=cpu if peak is None else peak,
        memory_p95=memory,
        memory_peak=memory,
    )


def test_a_container_gets_its_peak_of_memory_and_its_p95_of_cpu_with_a_margin() -> None:
    advice = advise_container("db", make_resources(1024, 1000), make_evidence(cpu=80, memory_mebibytes=500), workers=4)
    # 80 m x 1.15 = 92 m, 500 Mi x 1.15 = 575 Mi; to the next steps.
    assert advice.proposed == make_resources(576, 100)
    assert advice.reasons == (Reason.MEASURED,)
    assert advice.is_change


def test_request_is_limit_so_that_the_pod_stays_guaranteed() -> None:
    loose = Resources(
        cpu_request_millicores=100,
        cpu_limit_millicores=900,
        memory_request_bytes=MEBIBYTE,
        memory_limit_bytes=900 * MEBIBYTE,
    )
    proposed = advise_container("db", loose, make_evidence(), workers=4).proposed
    assert proposed.cpu_request_millicores == proposed.cpu_limit_millicores
    assert proposed.memory_request_bytes == proposed.memory_limit_bytes


@pytest.mark.parametrize(
    ("container", "workers", "mebibytes", "reason"),
    [
        ("httpd", 4, 1024, Reason.FLOOR_WORKERS),
        ("httpd", 6, 1536, Reason.FLOOR_WORKERS),
        ("db", 4, 384, Reason.FLOOR_MYSQL),
        ("cron", 4, 256, Reason.FLOOR_PHP),
        ("db_router", 4, 64, Reason.FLOOR_SMALLEST),
    ],
)
def test_no_proposal_is_below_what_the_program_needs(
    container: str, workers: int, mebibytes: int, reason: Reason
) -> None:
    idle = make_evidence(cpu=1, memory_mebibytes=10)
    advice = advise_container(container, make_resources(4096, 1000), idle, workers=workers)
    assert advice.proposed == make_resources(mebibytes, 50)
    assert advice.reasons == (Reason.MEASURED, reason)


def test_a_container_that_needs_more_is_told_so() -> None:
    advice = advise_container("db", make_resources(384, 250), make_evidence(memory_mebibytes=380, cpu=240), workers=4)
    assert advice.proposed == make_resources(448, 300)


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (None, Reason.NOT_MEASURED),
        (make_evidence(points=FEWEST_POINTS - 1), Reason.TOO_FEW_POINTS),
        (make_evidence(days=FEWEST_DAYS - 1), Reason.TOO_FEW_DAYS),
    ],
)
def test_without_enough_of_a_measure_the_size_is_kept(evidence: Evidence | None, reason: Reason) -> None:
    advice = advise_container("db", make_resources(1024, 1000), evidence, workers=4)
    assert not advice.is_change
    assert advice.reasons == (reason,)


def test_a_short_spike_of_cpu_does_not_set_the_size_and_is_shown() -> None:
    spiky = make_evidence(cpu=40, peak=990)
    advice = advise_container("httpd", make_resources(1024, 1000), spiky, workers=4)
    assert advice.proposed.cpu_limit_millicores == 50
    assert advice.evidence is not None and advice.evidence.cpu_peak == 990


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["db", "httpd", "cron", "db_router", "backup"]),
    cpu=st.integers(0, 4000),
    memory=st.integers(0, 8 * 1024**3),
    workers=st.integers(1, 12),
)
def test_every_proposal_holds_its_peak_and_its_floor(name: str, cpu: int, memory: int, workers: int) -> None:
    found = Evidence(
        first_day=MONDAY, last_day=MONDAY + timedelta(days=13), days=14, points=4000, cpu_p95=cpu, cpu_peak=cpu,
        memory_p95=memory, memory_peak=memory,
    )  # fmt: skip
    current = make_resources(1024, 1000)
    proposed = advise_container(name, current, found, workers=workers).proposed
    floor = min(find_memory_floor(name, workers=workers)[0], current.memory_limit_bytes)
    assert proposed.memory_limit_bytes >= max(add_margin(memory), floor)
    assert proposed.cpu_limit_millicores >= add_margin(cpu)
    assert proposed.memory_limit_bytes % MEMORY_STEP_BYTES == proposed.cpu_limit_millicores % CPU_STEP_MILLICORES == 0
    if add_margin(memory) <= current.memory_limit_bytes:
        assert proposed.memory_limit_bytes <= current.memory_limit_bytes, "no floor makes it more"


def test_a_floor_and_a_step_never_make_a_container_larger() -> None:
    idle = make_evidence(cpu=1, memory_mebibytes=10)
    assert not advise_container("httpd", make_resources(500, 40), idle, workers=4).is_change
    tight = make_evidence(cpu=1, memory_mebibytes=500)
    assert advise_container("httpd", make_resources(500, 40), tight, workers=4).proposed == make_resources(1024, 40)


def test_a_plan_gets_advice_for_every_container_and_keeps_the_rest() -> None:
    plan = make_plan()
    advice = advise_plan(plan, {"httpd": make_evidence()})
    assert [entry.container for entry in advice] == sorted(plan.containers)
    changed = apply_advice(plan, advice, name="new")
    assert changed.name == "new"
    assert changed.containers["httpd"] == make_resources(1024, 100)
    assert changed.containers["db"] == plan.containers["db"]
    assert (changed.prefork, changed.db_volume_bytes) == (plan.prefork, plan.db_volume_bytes)


def test_the_documented_floors() -> None:
    assert MYSQL_MINIMUM_BYTES == 350 * MEBIBYTE
    assert 4 * PHP_MEMORY_LIMIT_BYTES == 1024 * MEBIBYTE
    assert [round_up(value, 50) for value in (0, 1, 50, 51)] == [0, 50, 50, 100]
