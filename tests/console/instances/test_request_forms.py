"""What people choose before an operation, and the parameters it gives."""

import pytest
from django.http import QueryDict

from console.instances.request_forms import BackupForm, DeletionForm, RequestForm, RestoreForm
from domain.states import InstanceState, OperationKind
from operations.requests import describe_operation
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def _post(text: str) -> QueryDict:
    return QueryDict(f"idempotency_key=k&{text}")


def _read(form: RequestForm) -> dict[str, object]:
    assert form.is_valid(), form.errors
    return form.make_parameters(form.cleaned_data)


def test_a_backup_is_whole_and_hot_unless_asked_otherwise() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    unbound = BackupForm(instance)
    assert {name: unbound[name].initial for name in ("scope", "mode")} == {"scope": "full", "mode": "hot"}
    assert _read(BackupForm(instance, _post("scope=files&mode=cold"))) == {"scope": "files", "mode": "cold"}
    assert not BackupForm(instance, _post("scope=all&mode=hot")).is_valid()


@pytest.mark.parametrize(
    ("choice", "scope", "database"),
    [("", "", ""), ("files", "files", ""), ("database", "database", ""), ("database:civilog", "", "civilog")],
)
def test_a_restore_is_of_all_or_a_part(choice: str, scope: str, database: str) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    backup = make_backup_row(instance)
    form = RestoreForm(instance, _post(f"backup_id={backup.backup_id}&scope={choice}&confirm=saint-paul"))
    form.source = "saint-paul"
    parameters = _read(form)
    assert (parameters["scope"], parameters["database"], parameters["safety_backup"]) == (scope, database, False)
    description = describe_operation(kind=OperationKind.RESTORE, instance=instance, parameters=parameters)
    assert description.parameters["database"] == database


def test_the_identifier_is_typed_to_confirm() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    for typed in ("", "saint-jean", "Saint-Paul"):
        form = DeletionForm(instance, _post(f"confirm={typed}&final_backup=on"))
        assert not form.is_valid() and list(form.errors) == ["confirm"]
    assert _read(DeletionForm(instance, _post("confirm=+saint-paul+&final_backup=on"))) == {
        "final_backup": True,
        "purge_backups": False,
        "confirm": "saint-paul",
    }


def test_what_has_no_choice_still_has_a_key() -> None:
    instance = make_instance_row()
    assert _read(RequestForm(instance, _post(""))) == {}
    assert not RequestForm(instance, QueryDict("")).is_valid()
