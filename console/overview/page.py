"""The first page: what parishes wait for, what is wrong, what is under way, how many of what there are. Bounded."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from backups.policies import find_thresholds
from console.instances.columns import STATE_COLOURS, make_age_badge
from console.overview.campaigns import list_open_campaigns
from console.overview.requests import list_waiting_requests
from domain.findings import Level
from domain.specs import InstanceKind
from domain.states import ACTIVE_OPERATION_STATES
from domain.words import word
from operations.models import Operation
from tenants.models import Instance
from watch.acknowledgement import count_acknowledged
from watch.alerts import list_alerts
from watch.checks.shapes import Alert
from watch.checks.troubles import list_watched

SHOWN_OPERATIONS = 5
SHOWN_BACKUPS = 5
# What is younger needs no age.
NEWS = timedelta(minutes=5)
TONES = {Level.CRITICAL: "cp-danger", Level.WARNING: "cp-warning", Level.OK: "cp-info"}


def add_overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the first page's context with what the person may see. Called by unfold (appearance.py)."""
    return {**context, **make_overview(request)}


def show_overview(request: HttpRequest) -> HttpResponse:
    """Return the part of the first page that is read again. The caller checks who may come in."""
    return render(request, "civiparoisse/overview.html", make_overview(request))


def make_overview(request: HttpRequest) -> dict[str, Any]:
    """Return requests that wait, alerts, campaigns and operations under way, and counts; nothing of what the person may
    not look at."""
    now = timezone.now()
    user = request.user
    assert isinstance(user, AbstractUser)  # the administration's own check came before
    sees_instances = user.has_perm("tenants.view_instance")
    sees_operations = user.has_perm("operations.view_operation")
    alerts = list_alerts(user, now=now)
    requests, campaigns = list_waiting_requests(user, now=now), list_open_campaigns(user)
    sees_lists = requests["sees_requests"] or campaigns["sees_campaigns"]
    return {
        **requests,
        **campaigns,
        "sees_something": sees_instances or sees_operations or bool(alerts) or sees_lists,
        "sees_instances": sees_instances,
        "sees_operations": sees_operations,
        "sees_alerts": sees_instances or sees_operations or bool(alerts),
        "alerts": [(alert, TONES[alert.level], _find_age(alert, now=now)) for alert in alerts],
        "acknowledged": count_acknowledged(now=now) if user.has_perm("watch.view_problem") else 0,
        "states": _count_states() if sees_instances else [],
        **(_list_running() if sees_operations else {"running": [], "others_running": 0}),
        "oldest": _list_oldest(now=now) if sees_instances and user.has_perm("backups.view_backup") else [],
    }


def _find_age(alert: Alert, *, now: datetime) -> datetime | None:
    """Return since when it has stood, None while that is news."""
    return alert.since if alert.since is not None and now - alert.since >= NEWS else None


def _list_running() -> dict[str, Any]:
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    rows = Operation.objects.filter(state__in=active).defer("data", "result", "parameters").order_by("-pk")
    shown = list(rows[: SHOWN_OPERATIONS + 1])
    others = rows.count() - SHOWN_OPERATIONS if len(shown) > SHOWN_OPERATIONS else 0
    return {"running": shown[:SHOWN_OPERATIONS], "others_running": others}


def _count_states() -> list[dict[str, Any]]:
    """Return how many instances are in each state, with the list of them."""
    counts = Instance.objects.order_by("state").values_list("state").annotate(Count("pk"))
    address = reverse("admin:tenants_instance_changelist")
    return [
        {
            "text": word("state", state),
            "count": count,
            "colour": STATE_COLOURS[state],
            "link": f"{address}?state__exact={state}",
        }
        for state, count in counts
    ]


def _list_oldest(*, now: datetime) -> list[dict[str, Any]]:
    """Return the parishes with the oldest last good backup; those that have none are among the alerts."""
    rows = list_watched().filter(kind=InstanceKind.PRODUCTION.value, good_at__isnull=False).order_by("good_at")
    oldest = list(rows[:SHOWN_BACKUPS])
    found = find_thresholds(oldest)
    return [
        {
            "instance": row,
            "good_at": row.good_at,
            "age": make_age_badge(row.state, row.good_at, now=now, thresholds=found[row.pk]),
        }
        for row in oldest
    ]
