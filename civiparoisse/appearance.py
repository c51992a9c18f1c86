"""What the administration looks like: name, colours, the menu. Read by unfold as the setting UNFOLD."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

# Tailwind's "sky": quiet, and far from the red and green of states.
PRIMARY = {
    "50": "oklch(97.7% .013 236.62)",
    "100": "oklch(95.1% .026 236.824)",
    "200": "oklch(90.1% .058 230.902)",
    "300": "oklch(82.8% .111 230.318)",
    "400": "oklch(74.6% .16 232.661)",
    "500": "oklch(60% .13 242)",
    "600": "oklch(50% .12 243)",
    "700": "oklch(44% .11 243)",
    "800": "oklch(39% .1 243)",
    "900": "oklch(35% .085 243)",
    "950": "oklch(29.3% .066 243.157)",
}


def _allow(permission: str) -> Callable[[HttpRequest], bool]:
    def is_allowed(request: HttpRequest) -> bool:
        return request.user.has_perm(permission)

    return is_allowed


def _make_item(title: Any, icon: str, model: str) -> dict[str, Any]:
    """Return a line of the menu. `model`: app_model; shown to those who may view it."""
    app, _separator, name = model.partition("_")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": _allow(f"{app}.view_{name}"),
    }


APPEARANCE: dict[str, Any] = {
    "SITE_TITLE": "Civiparoisse",
    "SITE_HEADER": "Civiparoisse",
    "SITE_SUBHEADER": _("The parishes’ instances"),
    "SITE_SYMBOL": "church",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("civiparoisse/icon.svg"),
        }
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "console.overview.page.add_overview",
    "STYLES": [
        lambda _request: static("civiparoisse/admin.css"),
        lambda _request: static("civiparoisse/finops.css"),
        lambda _request: static("civiparoisse/campaigns.css"),
    ],
    "SCRIPTS": [lambda _request: static("civiparoisse/admin.js")],
    "COLORS": {"primary": PRIMARY},
    "SIDEBAR": {
        "navigation": [
            {
                "items": [
                    {"title": _("Overview"), "icon": "home", "link": reverse_lazy("admin:index")},
                    _make_item(_("Requests of parishes"), "contact_support", "parish_requests_restorerequest"),
                    _make_item(_("Parishes"), "church", "tenants_tenant"),
                    _make_item(_("Contacts"), "contacts", "parish_requests_parishcontact"),
                    _make_item(_("Instances"), "dns", "tenants_instance"),
                    _make_item(_("Problems"), "warning", "watch_problem"),
                    _make_item(_("Campaigns"), "waves", "campaigns_campaign"),
                    _make_item(_("Operations"), "sync", "operations_operation"),
                    _make_item(_("Backups"), "inventory_2", "backups_backup"),
                    {
                        "title": _("Production checklist"),
                        "icon": "checklist",
                        "link": reverse_lazy("checklist"),
                        "permission": _allow("backups.view_backup"),
                    },
                    {
                        "title": _("Costs"),
                        "icon": "euro",
                        "link": reverse_lazy("finops_dashboard"),
                        "permission": _allow("finops.view_interval"),
                    },
                ],
            },
            {
                "title": _("Settings"),
                "separator": True,
                "items": [
                    _make_item(_("Plans"), "tune", "tenants_plan"),
                    _make_item(_("Backup policies"), "event_repeat", "backups_backuppolicy"),
                    _make_item(_("Default policies"), "event_available", "backups_policydefault"),
                    _make_item(_("Price sheets"), "sell", "finops_pricesheet"),
                    _make_item(_("Budgets"), "savings", "finops_budget"),
                    _make_item(_("Closed months"), "lock", "finops_closedmonth"),
                    _make_item(_("Releases"), "deployed_code", "tenants_release"),
                    _make_item(_("What releases are for"), "new_releases", "campaigns_releasestanding"),
                    _make_item(_("Held on their release"), "front_hand", "campaigns_instancehold"),
                    _make_item(_("Parishes that go first"), "flag", "campaigns_volunteer"),
                    _make_item(_("Clusters"), "hub", "clusters_cluster"),
                    _make_item(_("Destinations of copies"), "cloud_upload", "offsite_destination"),
                    _make_item(_("Rules of requests"), "rule", "parish_requests_requestrules"),
                    _make_item(_("Who is told"), "campaign", "watch_recipient"),
                    _make_item(_("Messages"), "mail", "watch_message"),
                    _make_item(_("Users"), "person", "auth_user"),
                    _make_item(_("Groups"), "group", "auth_group"),
                    _make_item(_("Tokens of the API"), "key", "api_apitoken"),
                ],
            },
        ],
    },
}
