"""What operations accept, and what they say they will do."""

from typing import Any

import pytest

from domain.errors import CiviparoisseError, InvalidValue
from operations.parameters import (
    describe_deletion,
    describe_provision,
    describe_resume,
    describe_suspend,
    refuse_unconfirmed_loss,
)
from operations.registry import get_kind
from tenants.models import Instance, Plan, Release

INSTANCE = Instance(
    identifier="saint-paul", host="www.saint-paul.test", plan=Plan(name="small"), release=Release(name="1")
)


check_delete = get_kind("delete").check


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"final_backup": True},
        {"final_backup": False, "confirm": "saint-paul"},
        {"purge_backups": True, "confirm": "saint-paul"},
    ],
)
def test_a_deletion_that_loses_nothing_or_is_confirmed_passes(parameters: dict[str, Any]) -> None:
    checked = check_delete(INSTANCE, parameters)
    assert set(checked) == {"final_backup", "purge_backups", "confirm"}
    assert parameters.items() <= checked.items()


@pytest.mark.parametrize("confirm", ["", "saint-pau", "Saint-Paul", "saint-paul ", None, True])
@pytest.mark.parametrize("loss", [{"final_backup": False}, {"purge_backups": True}])
def test_a_loss_without_the_exact_identifier_is_refused(loss: dict[str, Any], confirm: object) -> None:
    with pytest.raises(CiviparoisseError) as refused:
        check_delete(INSTANCE, {**loss, "confirm": confirm})
    assert refused.value.code == ("confirmation_missing" if isinstance(confirm, str | None) else "invalid_value")


def test_the_purge_asks_for_the_confirmation_again() -> None:
    with pytest.raises(CiviparoisseError):
        refuse_unconfirmed_loss("saint-paul", {"final_backup": False, "purge_backups": False, "confirm": "saint-jean"})


@pytest.mark.parametrize("value", ["false", 0, None, []])
def test_a_flag_that_is_no_boolean_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        check_delete(INSTANCE, {"final_backup": value, "confirm": "saint-paul"})


def test_unknown_parameters_are_refused_by_name() -> None:
    for kind in ("suspend", "resume", "delete"):
        with pytest.raises(InvalidValue) as refused:
            get_kind(kind).check(INSTANCE, {"force": True})
        assert refused.value.params["field"] == "force"


def test_descriptions_name_the_instance_and_what_is_lost() -> None:
    for describe in (describe_provision, describe_suspend, describe_resume):
        assert "saint-paul" in describe(INSTANCE, {})[0]
    kept = describe_deletion(INSTANCE, {"final_backup": True, "purge_backups": False})
    lost = describe_deletion(INSTANCE, {"final_backup": False, "purge_backups": True})
    assert kept[0] == lost[0]
    assert set(kept[1:]) & set(lost[1:]) == set()
