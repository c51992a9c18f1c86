"""Every kind that is registered has an address, and none that is not."""

from api.kind_actions import PREFIX, add_kind_actions
from api.resources.instances import InstanceViewSet
from api.resources.operations import OperationViewSet
from operations.registry import list_kinds


def list_actions(view: type) -> set[str]:
    return {name for name in vars(view) if name.startswith(PREFIX)}


def test_each_kind_has_one_action_where_its_subject_is_and_making_them_again_changes_nothing() -> None:
    expected = {True: set(), False: set()}
    for kind in list_kinds():
        expected[kind.of_objects].add(f"{PREFIX}{kind.path}")
    for _ in range(2):
        assert list_actions(InstanceViewSet) == expected[False]
        assert list_actions(OperationViewSet) == expected[True] == {"begin_removals"}
        add_kind_actions()
    for kind in list_kinds():
        view = OperationViewSet if kind.of_objects else InstanceViewSet
        assert view.permissions_required[f"{PREFIX}{kind.path}"] == kind.permissions
