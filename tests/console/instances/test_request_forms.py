"""What people choose before an operation, and the parameters it gives."""

import pytest
from django.http import QueryDict

from console.instances.request_forms import RequestForm, make_field
from domain.states import InstanceState, OperationKind
from operations.declared_parameters import Parameter, ParameterType
from operations.registry import get_kind
from operations.requests import describe_operation
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row, make_plan_row

pytestmark = pytest.mark.django_db


def _fill(kind: str, instance: Instance, text: str) -> RequestForm:
    return RequestForm(get_kind(kind), instance, QueryDict(f"idempotency_key=k&{text}"))


def _read(form: RequestForm) -> dict[str, object]:
    assert form.is_valid(), form.errors
    return form.make_parameters(form.cleaned_data)


def test_a_backup_is_whole_and_hot_unless_asked_otherwise() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    unbound = RequestForm(get_kind("backup"), instance)
    assert {name: unbound[name].initial for name in ("scope", "mode")} == {"scope": "full", "mode": "hot"}
    assert [field.name for field in unbound.list_visible()] == ["scope", "mode"]
    assert _read(_fill("backup", instance, "scope=files&mode=cold")) == {"scope": "files", "mode": "cold"}
    assert not _fill("backup", instance, "scope=all&mode=hot").is_valid()


@pytest.mark.parametrize(
    ("choice", "scope", "database"),
    [
        ("scope=&database=", "full", ""),
        ("scope=files&database=", "files", ""),
        ("scope=database&database=", "database", ""),
        ("scope=&database=civilog", "database", "civilog"),
    ],
)
def test_a_restore_is_of_all_or_a_part(choice: str, scope: str, database: str) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    backup = make_backup_row(instance)
    form = _fill("restore", instance, f"backup_id={backup.backup_id}&{choice}&confirm=saint-paul")
    form.known["source"] = "saint-paul"
    parameters = _read(form)
    assert parameters["safety_backup"] is False
    described = describe_operation(kind=OperationKind.RESTORE, instance=instance, parameters=parameters)
    assert (described.parameters["scope"], described.parameters["database"]) == (scope, database)


def test_the_identifier_is_typed_to_confirm() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    for typed in ("", "saint-jean", "Saint-Paul"):
        form = _fill("delete", instance, f"confirm={typed}&final_backup=on")
        assert not form.is_valid() and list(form.errors) == ["confirm"]
    assert _read(_fill("delete", instance, "confirm=+saint-paul+&final_backup=on")) == {
        "final_backup": True,
        "purge_backups": False,
        "confirm": "saint-paul",
    }


def test_an_age_is_offered_unless_a_link_named_the_backups() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    assert _read(_fill("prune", instance, "older_than_days=9&confirm=saint-paul"))["older_than_days"] == 9
    named = _fill("prune", instance, "backup_ids=a,b&older_than_days=9&confirm=saint-paul")
    assert _read(named) == {"backup_ids": ["a", "b"], "confirm": "saint-paul"}


def test_rows_are_offered_less_the_present_one_and_have_to_be_chosen() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    make_plan_row("larger")
    form = _fill("resize", instance, "plan=")
    assert form.awaited == "plan" and form.awaited_text
    offered = dict(form.fields["plan"].choices)  # type: ignore[attr-defined]
    assert "larger" in offered and instance.plan.name not in offered
    assert not form.is_valid()
    assert _read(_fill("resize", instance, "plan=larger")) == {"plan": "larger"}


def test_an_upgrade_without_a_way_back_is_typed() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    parameter = Parameter(name="words", type=ParameterType.TEXT, label="Words", length=9)
    assert make_field(parameter, ()).max_length == 9  # type: ignore[attr-defined]
    form = _fill("upgrade", instance, "release=next&confirm=saint-jean")
    assert not form.is_valid() and "confirm" in form.errors


def test_what_has_no_choice_still_has_a_key() -> None:
    instance = make_instance_row()
    assert _read(_fill("suspend", instance, "")) == {}
    assert not RequestForm(get_kind("suspend"), instance, QueryDict("")).is_valid()
