"""Stages of a start have an order: who waits adds them up, and takes a growing sum for progress."""

from domain.start_stages import PREPARING, StartStage


def test_each_stage_counts_more_than_the_one_before() -> None:
    order = ["NONE", "SCHEDULING", "ENLARGING", "ATTACHING", "PULLING", "STARTING", "READY"]
    assert [stage.name for stage in sorted(StartStage)] == order
    assert [int(stage) for stage in StartStage] == list(range(len(order)))


def test_what_takes_its_time_is_what_the_cluster_does_for_a_server() -> None:
    assert {stage.name for stage in PREPARING} == {"ENLARGING", "ATTACHING", "PULLING"}
