"""What the shipped roles may do, as a table over every kind of operation, and over every page that rows have."""

import pytest
from django.contrib import admin

from domain.states import OperationKind
from operations.permissions import OPEN_TOOLS
from operations.registry import list_kinds
from operations.roles import (
    ACCOUNTANT,
    ADMINISTRATOR,
    OPERATOR,
    READER,
    RESTORER,
    ROLES,
    UNASKED,
    begins_as_role,
    find_role,
)

# Rows that only who looks after accounts, keys and recipients sees; and those of the accountant.
OF_ADMINISTRATORS = {"auth.user", "auth.group", "api.apitoken", "watch.recipient"}
DESTRUCTIVE = {kind.code for kind in list_kinds() if kind.is_destructive and kind.permissions != ()}


@pytest.mark.parametrize("kind", list_kinds(), ids=lambda kind: kind.code)
def test_each_kind_is_asked_by_the_roles_that_should(kind: object) -> None:
    code, permissions = kind.code, kind.permissions  # type: ignore[attr-defined]
    may = {role.code for role in ROLES if all(map(role.allows, permissions))}
    if code == OperationKind.RESTORE:
        assert may == {"restorer", "administrator"}
    elif OPEN_TOOLS in permissions or (code in DESTRUCTIVE and code != "adopt"):  # that takes over, destroys no data
        assert may == {"administrator"}
    else:
        assert may == {"operator", "restorer", "administrator"}


def test_a_reader_looks_at_every_page_but_costs_and_accounts() -> None:
    for model in admin.site._registry:
        label = model._meta.label_lower
        is_asked = model._meta.app_label not in UNASKED
        sees = READER.allows(f"{model._meta.app_label}.view_{model._meta.model_name}")
        is_kept_from = model._meta.app_label == "finops" or label in OF_ADMINISTRATORS or label == "watch.message"
        assert sees is (is_asked and not is_kept_from), label
    assert all(".view_" in name for name in READER.permissions)


def test_an_accountant_sees_every_page_of_costs_and_asks_for_nothing() -> None:
    pages = [model for model in admin.site._registry if model._meta.app_label == "finops"]
    assert pages and all(ACCOUNTANT.allows(f"finops.view_{model._meta.model_name}") for model in pages)
    assert not ACCOUNTANT.allows("operations.add_operation") and not OPERATOR.allows("finops.view_interval")


def test_roles_grow_from_each_other() -> None:
    assert READER.permissions < OPERATOR.permissions < RESTORER.permissions
    assert all(ADMINISTRATOR.allows(name) for role in ROLES for name in role.permissions)
    assert not ADMINISTRATOR.allows("sessions.delete_session")
    assert OPERATOR.allows("tenants.view_tenant") and not READER.allows("tenants.change_tenant")


def test_a_group_that_people_made_is_no_role() -> None:
    assert begins_as_role("role –x") and begins_as_role(" RÔLE – lecteur") and not begins_as_role("Rôles")
    assert find_role("reader") is None and find_role("Rôle – lecteur") is READER
