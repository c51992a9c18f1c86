"""The roles that the product ships: what each may do, declared once for accounts, groups and tokens of the API.

A role is a group of the administration that the product keeps (operations.role_groups). Its permissions are Django's
own ("app.codename"); the answer whether somebody may do something stays that of operations.permissions.
"""

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

# How the groups of the roles begin: the administration shows them, in French. None that people made begins so.
GROUP_PREFIX = "Rôle – "
# Apps whose rows have no page and no address.
UNASKED = frozenset({"admin", "axes", "contenttypes", "sessions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One role. `group`: the rest of its group's name. `label`, `summary`: for people. `permissions`: what it
    may do; `has_all`: whatever there is to do."""

    code: str
    group: str
    label: Any
    summary: Any
    permissions: frozenset[str] = frozenset()
    has_all: bool = False

    @property
    def group_name(self) -> str:
        """The name of its group, which stays whatever the label becomes."""
        return f"{GROUP_PREFIX}{self.group}"

    def allows(self, permission: str) -> bool:
        """Return whether the role has "app.codename". Whoever may change rows may also look at them."""
        app, _dot, codename = permission.partition(".")
        if self.has_all:
            return app not in UNASKED
        changing = f"{app}.change_{codename.removeprefix('view_')}"
        return permission in self.permissions or (codename.startswith("view_") and changing in self.permissions)


_READS = frozenset(
    {
        "tenants.view_tenant",
        "tenants.view_instance",
        "tenants.view_plan",
        "tenants.view_release",
        "operations.view_operation",
        "backups.view_backup",
        "backups.view_backuppolicy",
        "backups.view_policydefault",
        "clusters.view_cluster",
        "offsite.view_destination",
        "watch.view_problem",
        "parish_requests.view_parishcontact",
        "parish_requests.view_restorerequest",
        "parish_requests.view_requestrules",
        "campaigns.view_campaign",
        "campaigns.view_instancehold",
        "campaigns.view_volunteer",
        "campaigns.view_releasestanding",
    }
)
_OPERATES = _READS | {
    "tenants.add_tenant",
    "tenants.change_tenant",
    "tenants.add_instance",
    "tenants.change_instance",
    "operations.add_operation",
    "operations.change_operation",
    "backups.change_backup",
    "backups.change_instancepolicy",
    "backups.add_checklistnote",
    "watch.change_problem",
    "watch.view_message",
    "parish_requests.add_parishcontact",
    "parish_requests.change_parishcontact",
    "parish_requests.delete_parishcontact",
    "parish_requests.add_restorerequest",
    "parish_requests.change_restorerequest",
    "campaigns.add_campaign",
    "campaigns.change_campaign",
    "campaigns.add_instancehold",
    "campaigns.change_instancehold",
    "campaigns.delete_instancehold",
    "campaigns.add_volunteer",
    "campaigns.change_volunteer",
    "campaigns.delete_volunteer",
    "campaigns.change_releasestanding",
}
_ACCOUNTS = frozenset(
    {
        "tenants.view_tenant",
        "tenants.view_instance",
        "tenants.view_plan",
        "finops.view_interval",
        "finops.view_pricesheet",
        "finops.add_pricesheet",
        "finops.change_pricesheet",
        "finops.view_priceline",
        "finops.add_priceline",
        "finops.change_priceline",
        "finops.delete_priceline",
        "finops.view_budget",
        "finops.view_budgetalert",
        "finops.add_budget",
        "finops.change_budget",
        "finops.delete_budget",
        "finops.view_closedmonth",
        "finops.add_closedmonth",
    }
)

READER = Role(
    code="reader",
    group="lecteur",
    label=_("Reader"),
    summary=_("Looks at parishes, instances, operations, backups and problems; changes nothing, sees no costs."),
    permissions=_READS,
)
OPERATOR = Role(
    code="operator",
    group="opérateur",
    label=_("Operator"),
    summary=_("Reads, records parishes and instances, and asks for every operation that destroys nothing."),
    permissions=_OPERATES,
)
RESTORER = Role(
    code="restorer",
    group="restaurateur",
    label=_("Restorer"),
    summary=_("Operates, puts backups back over what is there, and decides on requests of parishes."),
    permissions=_OPERATES | {"backups.restore_backup", "parish_requests.approve_restorerequest"},
)
ACCOUNTANT = Role(
    code="accountant",
    group="comptable",
    label=_("Accountant"),
    summary=_("Looks at parishes and their costs, keeps prices and budgets, closes months."),
    permissions=_ACCOUNTS,
)
ADMINISTRATOR = Role(
    code="administrator",
    group="administrateur",
    label=_("Administrator"),
    summary=_("Does everything, also what destroys data, and looks after accounts and tokens."),
    has_all=True,
)
ROLES = (READER, OPERATOR, RESTORER, ACCOUNTANT, ADMINISTRATOR)


def begins_as_role(name: str) -> bool:
    """Return whether a group's name is one that only the product gives, whatever its accents, case and spaces: some
    databases take such names for the same."""
    return _fold(name).startswith(_fold(GROUP_PREFIX))


def _fold(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in bare if not unicodedata.combining(sign) and not sign.isspace())


def find_role(group_name: str) -> Role | None:
    """Return the role whose group is called so, None for a group that people made."""
    return next((role for role in ROLES if role.group_name == group_name), None)
