"""The table of kinds: every path leads to a function, every name is found."""

import pytest
from django.conf import settings

from domain.errors import NotFound
from domain.states import OperationKind
from operations.kinds import KINDS, get_kind, import_dotted, list_dotted_paths


@pytest.mark.parametrize("path", sorted(set(list_dotted_paths())))
def test_every_dotted_path_leads_to_a_function(path: str) -> None:
    assert callable(import_dotted(path))


def test_every_kind_has_its_steps() -> None:
    assert set(KINDS) == set(OperationKind)


def test_names_of_steps_are_unique_in_their_kind_and_fit_their_column() -> None:
    for kind, definition in KINDS.items():
        names = [step.name for step in definition.steps]
        assert len(names) == len(set(names)), kind
        assert max(map(len, names)) <= 64


def test_every_deadline_is_a_setting_in_seconds() -> None:
    for definition in KINDS.values():
        for step in definition.steps:
            assert step.deadline_setting.endswith("_SECONDS")
            assert getattr(settings, step.deadline_setting) > 0


def test_a_kind_without_steps_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(KINDS, OperationKind.RESUME)
    with pytest.raises(NotFound):
        get_kind(OperationKind.RESUME)
