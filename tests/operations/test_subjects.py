"""What an operation is about, and what it holds against others."""

import pytest

from domain.errors import NotFound
from domain.fleet import RemovableKind
from domain.states import OperationKind
from operations.engine_objects import EngineObject
from operations.models import Operation
from operations.registry import get_kind
from operations.subjects import find_subject, get_subject, make_lock
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
VOLUME = EngineObject(engine="alsace", thing=RemovableKind.VOLUME, name="pv-1")
REMOVE, BACKUP, VERIFY = "remove_unowned", OperationKind.BACKUP, "verify"


def test_most_kinds_are_about_an_instance_and_some_about_what_has_no_row() -> None:
    instance = make_instance_row("saint-paul")
    assert find_subject(get_kind(BACKUP), "saint-paul", {}) == instance
    with pytest.raises(NotFound):
        find_subject(get_kind(BACKUP), "saint-jean", {})
    assert find_subject(get_kind(REMOVE), "pv-1", {"engine": "alsace", "volume": True}) == VOLUME
    local = find_subject(get_kind(REMOVE), "old", {})
    assert local == EngineObject(engine="local", thing=RemovableKind.INSTANCE, name="old")


def test_the_subject_of_an_operation_is_found_again() -> None:
    parameters = {"engine": "alsace", "volume": True}
    assert get_subject(Operation(kind=REMOVE, subject="pv-1", parameters=parameters), get_kind(REMOVE)) == VOLUME
    assert get_subject(Operation(kind=BACKUP, subject="saint-paul"), get_kind(BACKUP)) is None


def test_what_only_reads_holds_nothing_against_other_kinds() -> None:
    instance = make_instance_row("saint-paul")
    assert make_lock(get_kind(BACKUP), instance) == "saint-paul"
    assert make_lock(get_kind(VERIFY), instance) == "verify saint-paul"
    assert make_lock(get_kind("prove"), instance) == "saint-paul-verification"
    assert make_lock(get_kind(REMOVE), VOLUME) == "alsace/pv-1"
