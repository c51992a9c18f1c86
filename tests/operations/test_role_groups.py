"""The groups of the shipped roles: there after a migration, put back when changed, given to accounts."""

import logging

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from domain.errors import InvalidValue, NotFound
from operations.permissions import may
from operations.role_groups import get_account, give_roles, has_accounts, list_roles, parse_roles
from operations.roles import ADMINISTRATOR, OPERATOR, READER, ROLES

pytestmark = pytest.mark.django_db


def list_held(code: str) -> set[str]:
    (role,) = parse_roles([code])
    rows = Group.objects.get(name=role.group_name).permissions.select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.code)
def test_every_role_is_there_with_what_it_declares(role: object) -> None:
    held = list_held(role.code)  # type: ignore[attr-defined]
    assert held >= role.permissions and all(map(role.allows, held))  # type: ignore[attr-defined]
    if role is ADMINISTRATOR:
        assert {"auth.change_user", "tenants.delete_instance", "backups.restore_backup", "api.add_apitoken"} <= held


def test_a_changed_role_is_put_back_and_said(caplog: pytest.LogCaptureFixture) -> None:
    group = Group.objects.get(name="Rôle – lecteur")
    group.permissions.remove(Permission.objects.get(codename="view_backup"))
    group.permissions.add(Permission.objects.get(codename="delete_instance"))
    own = Group.objects.create(name="reader")
    Group.objects.filter(name="Rôle – comptable").delete()
    with caplog.at_level(logging.WARNING):
        call_command("migrate", "--verbosity", "0")
    assert list_held("reader") == READER.permissions
    assert "given backups.view_backup; taken tenants.delete_instance" in caplog.text
    assert not own.permissions.exists() and list_held("accountant")
    caplog.clear()
    call_command("migrate", "--verbosity", "0")
    assert "role" not in caplog.text


def test_an_account_has_exactly_the_roles_it_was_given() -> None:
    user = User.objects.create_user("jeanne", is_staff=True)
    own = Group.objects.create(name="Équipe")
    user.groups.add(own)
    give_roles(user, parse_roles(["operator", "accountant"]), requested_by="test")
    assert [role.code for role in list_roles(user)] == ["operator", "accountant"]
    user = get_account("jeanne")
    assert may(user, "operations.add_operation", "finops.add_closedmonth") and not may(user, "backups.restore_backup")
    give_roles(user, [OPERATOR], requested_by="test")
    assert [role.code for role in list_roles(user)] == ["operator"] and own in user.groups.all()
    assert not may(get_account("jeanne"), "finops.view_interval")


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidValue, match="administrator"):
        parse_roles(["king"])
    with pytest.raises(NotFound):
        get_account("nobody")


def test_a_database_without_accounts_is_left_alone() -> None:
    from django.apps.registry import Apps

    assert not has_accounts(Apps())


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_emptied_has_its_roles_again() -> None:
    call_command("flush", "--no-input", "--verbosity", "0")
    assert list_held("operator") == OPERATOR.permissions
