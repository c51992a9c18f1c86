"""What a declaration tells of itself."""

from domain.states import InstanceState
from operations.registry import get_kind


def test_a_kind_knows_the_states_it_may_be_asked_in() -> None:
    assert get_kind("suspend").may_be_asked_in("active") and get_kind("suspend").may_be_asked_in(InstanceState.FAILED)
    assert not get_kind("suspend").may_be_asked_in("suspended")


def test_a_cold_backup_applies_the_plan_to_what_it_starts_again_and_a_hot_one_does_not() -> None:
    backup = get_kind("backup")
    assert backup.has_applied_plan({"components_changed": True})
    assert not backup.has_applied_plan({}) and not get_kind("prune").has_applied_plan({"components_changed": True})
    assert get_kind("resize").has_applied_plan({})


def test_a_step_is_found_by_its_name() -> None:
    step = get_kind("suspend").find_step("stop")
    assert step is not None and step.stops_servers
    assert get_kind("suspend").find_step("dance") is None
