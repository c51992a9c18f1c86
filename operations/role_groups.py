"""Keeps the groups of the shipped roles as the product declares them, and gives roles to accounts."""

import logging
from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.utils.translation import gettext as _

from domain.errors import InvalidValue, NotFound
from operations.roles import GROUP_PREFIX, ROLES, Role

log = logging.getLogger(__name__)


def keep_roles(*, sender: AppConfig, apps: Apps = global_apps, **_signal: Any) -> None:
    """After every migration: make the groups of the roles, and put back what somebody changed of their permissions.

    `apps`: as far as the database is migrated; a flush sends the same signal without it."""
    is_last = sender is [config for config in global_apps.get_app_configs() if config.models_module is not None][-1]
    if not is_last or not has_accounts(apps):  # permissions of the apps behind it are not made yet
        return
    known = {
        f"{row.content_type.app_label}.{row.codename}": row.pk
        for row in Permission.objects.select_related("content_type")
    }
    with transaction.atomic():
        for role in ROLES:
            _keep_role(role, known)


def has_accounts(apps: Apps) -> bool:
    """Return whether the database, migrated as far as `apps` says, has groups and permissions."""
    try:
        return bool(apps.get_model("auth", "Group") and apps.get_model("auth", "Permission"))
    except LookupError:
        return False


def _keep_role(role: Role, known: dict[str, int]) -> None:
    wanted = {pk for name, pk in known.items() if (role.allows(name) if role.has_all else name in role.permissions)}
    group, is_new = Group.objects.get_or_create(name=role.group_name)
    present = set(group.permissions.values_list("pk", flat=True))
    if present == wanted:
        return
    group.permissions.set(wanted)
    if not is_new:
        names = {pk: name for name, pk in known.items()}
        log.warning(
            "role %s put back as it is shipped: given %s; taken %s",
            role.code,
            ", ".join(sorted(names[pk] for pk in wanted - present)) or "nothing",
            ", ".join(sorted(names[pk] for pk in present - wanted)) or "nothing",
        )


def list_roles(user: User) -> list[Role]:
    """Return the shipped roles of an account, in the order in which they are declared."""
    names = {group.name for group in user.groups.all()}
    return [role for role in ROLES if role.group_name in names]


def parse_roles(codes: Iterable[str]) -> list[Role]:
    """Return the roles named `codes`. Raise InvalidValue for a name that no role has."""
    wanted = set(codes)
    found = [role for role in ROLES if role.code in wanted]
    if len(found) != len(wanted):
        known = ", ".join(role.code for role in ROLES)
        raise InvalidValue(field="role", reason=_("give one of %(names)s.") % {"names": known})
    return found


def get_account(name: str) -> User:
    """Return the account called `name`. Raise NotFound."""
    user = User.objects.filter(username=name).first()
    if user is None:
        raise NotFound(what=_("account"), name=name)
    return user


def give_roles(user: User, roles: Iterable[Role], *, requested_by: str) -> None:
    """Let an account have exactly these shipped roles; its other groups and permissions stay."""
    given = list(roles)
    with transaction.atomic():
        groups = list(Group.objects.filter(name__in=[role.group_name for role in given]))
        user.groups.remove(*user.groups.filter(name__startswith=GROUP_PREFIX))
        user.groups.add(*groups)
    log.info(
        "roles of %s: %s, given by %s",
        user.get_username(),
        ", ".join(role.code for role in given) or "none",
        requested_by,
    )
