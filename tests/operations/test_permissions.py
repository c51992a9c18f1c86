"""Permissions: asked by one function, refused by the name of what is missing."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied

from operations.permissions import (
    OPEN_TOOLS,
    PermissionMissing,
    list_kind_permissions,
    may,
    may_ask,
    require,
    require_kind,
)
from operations.registry import get_kind, list_kinds

ASKING = ("tenants.view_instance", "operations.add_operation")
SETS = "backups.view_backup"


def make_person(*permissions: str, **flags: bool) -> User:
    """Return a new account with these permissions."""
    person = User.objects.create_user(f"p{User.objects.count()}", is_staff=True, **flags)
    for name in permissions:
        app, _dot, codename = name.partition(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return person


@pytest.mark.parametrize("kind", [kind.code for kind in list_kinds()])
def test_every_kind_takes_all_its_permissions_and_names_the_one_that_is_missing(db: None, kind: str) -> None:  # noqa: ARG001
    asking = ASKING if not get_kind(kind).of_objects else ASKING[1:]
    assert set(asking) <= set(list_kind_permissions(kind))
    complete = make_person(*list_kind_permissions(kind))
    assert may_ask(complete, kind)
    require_kind(complete, kind)
    for missing in list_kind_permissions(kind):
        person = make_person(*(name for name in list_kind_permissions(kind) if name != missing))
        assert not may_ask(person, kind)
        with pytest.raises(PermissionMissing) as refused:
            require_kind(person, kind)
        assert refused.value.params == {"permission": missing}
        assert missing in refused.value.message and isinstance(refused.value, PermissionDenied)


def test_an_account_out_of_use_may_nothing_whatever_it_was_given(db: None) -> None:  # noqa: ARG001
    assert not may(make_person(*ASKING, is_active=False, is_superuser=True), *ASKING)
    assert may(make_person(is_superuser=True), *ASKING)


def test_whoever_may_change_rows_may_look_at_them_and_not_the_other_way_round(db: None) -> None:  # noqa: ARG001
    assert may(make_person("tenants.change_tenant"), "tenants.view_tenant")
    assert not may(make_person("tenants.view_tenant"), "tenants.change_tenant")
    with pytest.raises(PermissionMissing):
        require(make_person("tenants.add_tenant"), "tenants.view_tenant")


def test_whoever_asked_for_operations_keeps_what_that_opened_before_restores_had_a_permission(db: None) -> None:  # noqa: ARG001
    before = ASKING
    group = Group.objects.create(name="Équipe")
    group.permissions.add(Permission.objects.get(codename="add_operation"))
    person, member, other = make_person(*before, SETS), make_person(before[0], SETS), make_person(before[0])
    member.groups.add(group)
    import_module("backups.migrations.0010_restore_permission").keep_what_people_may(apps, None)
    for known in (person, member):
        asker = User.objects.get(pk=known.pk)
        kept = [
            kind for kind in list_kinds() if {*before} <= {*kind.permissions} and OPEN_TOOLS not in kind.permissions
        ]
        assert kept and all(may_ask(asker, kind.code) for kind in kept)
    assert not may(User.objects.get(pk=other.pk), "backups.restore_backup")
