"""Every address of the administration and of the API that answers a GET, from the resolver, with rows to name in it.

A new page is found by itself; where its address names something that nothing here knows, `list_addresses` says so.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from backups.models import Backup
from campaigns.models import Campaign
from domain.states import InstanceState
from finops.calendar import compute_month
from offsite.models import BackupCopy
from operations.models import Operation
from operations.registry import list_kinds
from parish_requests.models import ParishContact, RestoreRequest
from tenants.models import Instance

# They end the session, or lead away by what a person types.
LEFT_OUT = {"logout", "view_on_site", "app_list", "schema"}
PLACES = ("admin", "api/v1")
GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


def list_addresses(now: Any) -> list[tuple[str, str]]:
    """Return (name of the view, address) of each, a changelist also as it is searched. Raise KeyError for an address
    with a place for something unknown."""
    found = []
    for place in PLACES:
        for name, places, namespace in _walk(place):
            for arguments in _list_arguments(name, places, now):
                address = reverse(f"{namespace}{name}", kwargs=arguments)
                found.append((_label(name, arguments), address))
                if name.endswith("_changelist"):
                    found.append((f"{name}?q", f"{address}?q=paroisse"))
    instance = "app_label=operations&model_name=operation&field_name=instance"
    found.append(("autocomplete", f"{reverse('admin:autocomplete')}?{instance}&term=paroisse"))
    found.append(("search", f"{reverse('admin:search')}?s=paroisse"))
    return found + [("metrics", reverse("metrics"))]


def _label(name: str, arguments: dict[str, Any]) -> str:
    return f"{name} {arguments['kind']}" if "kind" in arguments else name


def _walk(place: str) -> Iterator[tuple[str, list[str], str]]:
    """Give (name, its places, namespace) of every view below `place`."""

    def walk(resolver: URLResolver, path: str, namespace: str) -> Iterator[tuple[str, list[str], str]]:
        for one in resolver.url_patterns:
            here = path + str(one.pattern)
            if isinstance(one, URLResolver):
                inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
                yield from walk(one, here, inner)
            elif isinstance(one, URLPattern) and one.name is not None and here.startswith(place) and _answers_get(one):
                yield one.name, [*CONVERTER.findall(GROUP.sub("", here)), *GROUP.findall(here)], namespace

    for name, places, namespace in walk(get_resolver(), "", ""):
        if name not in LEFT_OUT and name not in ("autocomplete", "search"):
            yield name, places, namespace


def _answers_get(one: URLPattern) -> bool:
    actions = getattr(one.callback, "actions", None)
    return actions is None or "get" in actions


def _list_arguments(name: str, places: list[str], now: Any) -> list[dict[str, Any]]:
    special = _make_special(now)
    if name in special:
        return special[name]
    if not places:
        return [{}]
    model = _find_model(name)
    if model is not None and places in (["object_id"], ["pk"]):
        return [{places[0]: _find_row(model).pk}]
    return [{place: OF_API[name.rpartition("-")[0] if "-" in name else name, place](now) for place in places}]


def _find_model(name: str) -> type[Model] | None:
    for model in admin.site._registry:
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            return model
    return None


def _find_row(model: type[Model]) -> Any:
    row = model._default_manager.order_by("pk").first()
    assert row is not None, f"no row of {model}"
    return row


def _make_special(now: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what stands in the addresses that name more than a row of their model."""
    active = Instance.objects.filter(state=InstanceState.ACTIVE).earliest("pk")
    operation, campaign = Operation.objects.earliest("pk").pk, Campaign.objects.earliest("pk").pk
    request, copy = RestoreRequest.objects.earliest("pk"), BackupCopy.objects.earliest("pk")
    month = str(compute_month(now))
    return {
        "operations_progress": [{"pk": operation}],
        "operations_cancel": [{"pk": operation}],
        "auth_user_password_change": [{"id": _find_row(User).pk}],
        "removal": [{"engine": active.engine, "thing": "instance", "name": "left-over"}],
        "finops_parish": [{"slug": active.identifier}],
        "finops_advice": [{"identifier": active.identifier}],
        "finops_close": [{"month": str(compute_month(now).add(-1))}],
        "finops_export": [{"month": month, "form": form} for form in ("csv",)],
        "offsite_destination_again": [{"pk": copy.destination_id, "copy": copy.pk}],
        "tenants_instance_ask": [{"pk": active.pk, "kind": kind.code} for kind in list_kinds()],
        **{f"campaigns_campaign_{page}": [{"pk": campaign}] for page in ("part", "members", "report")},
        "campaigns_campaign_steer": [{"pk": campaign, "code": "resume"}],
        "parish_requests_restorerequest_decide": [{"pk": request.pk, "code": "approve"}],
    }


def _own(model: type[Model], field: str) -> Callable[[Any], Any]:
    return lambda _now: getattr(_find_row(model), field)


def _named(app_label: str, model: str, field: str = "name") -> Callable[[Any], Any]:
    from django.apps import apps

    return lambda _now: getattr(_find_row(apps.get_model(app_label, model)), field)


# (what the API calls it, the place in its address) -> a value.
OF_API: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("tenant", "slug"): _named("tenants", "Tenant", "slug"),
    ("operation", "id"): _named("operations", "Operation", "public_id"),
    ("backup", "id"): _own(Backup, "backup_id"),
    ("request", "reference"): _own(RestoreRequest, "reference"),
    ("campaign", "id"): _own(Campaign, "public_id"),
    ("contact", "id"): _own(ParishContact, "pk"),
    ("policy", "name"): _named("backups", "BackupPolicy"),
    ("problem", "id"): _named("watch", "Problem", "pk"),
    ("plan", "name"): _named("tenants", "Plan"),
    ("release", "name"): _named("tenants", "Release"),
    ("cluster", "name"): _named("clusters", "Cluster"),
    ("destination", "name"): _named("offsite", "Destination"),
    ("cost-month", "month"): lambda now: str(compute_month(now)),
    ("recommendation", "identifier"): _own(Instance, "identifier"),
}
for _action in ("instance", "instance-enlarge", "instance-prune"):
    OF_API[_action, "identifier"] = _own(Instance, "identifier")
