"""Stages of a start have an order: who waits adds them up, and takes a growing sum for progress."""

from domain.start_stages import StartStage


def test_each_stage_counts_more_than_the_one_before() -> None:
    order = ["NONE", "SCHEDULING", "ATTACHING", "PULLING", "STARTING", "READY"]
    assert [stage.name for stage in sorted(StartStage)] == order
    assert [int(stage) for stage in StartStage] == list(range(len(order)))
