"""The sets of an instance in time: why each stays or when it goes, what comes next, and by another policy too."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from backups.models import Backup, BackupPolicy
from backups.policies import choose_policy, find_policy, get_policy
from backups.retention import Fate, list_runs, preview_retention
from backups.retention_texts import describe_fate
from backups.volumes import describe_volume
from civiparoisse.admin_base import make_page, show_refusal
from civiparoisse.presentation import format_time
from domain.errors import CiviparoisseError
from operations.permissions import may, require
from tenants.models import Instance

CHOOSE = "backups.change_instancepolicy"
SHOWN_RUNS = 3


def show_timeline(model_admin: Any, request: HttpRequest, instance: Instance) -> HttpResponse:
    """Return the page; with ?policy=NAME by that policy, which is only thought of until the form is sent."""
    require(request.user, "backups.view_backup")
    address = reverse("admin:tenants_instance_retention", args=[instance.pk])
    if request.method == "POST":
        _choose(request, instance)
        return redirect(address)
    own, now = find_policy(instance), timezone.now()
    try:
        policy = get_policy(request.GET["policy"]) if request.GET.get("policy") else own
    except CiviparoisseError as error:
        show_refusal(request, error)
        return redirect(address)
    rows = {row.backup_id: row for row in Backup.objects.filter(instance=instance)}
    fates = [_describe(fate, rows) for fate in reversed(preview_retention(instance, policy, now=now))]
    return make_page(
        model_admin,
        request,
        "backups/timeline.html",
        row=instance,
        title=instance.identifier,
        instance=instance,
        own=own,
        policy=policy,
        is_thought=policy.name != own.name,
        policies=list(BackupPolicy.objects.all()),
        may_choose=may(request.user, CHOOSE),
        fates=fates,
        leaving=sum(not fate["keep"] for fate in fates),
        runs=[format_time(run) for run, _n in zip(list_runs(instance, own, now=now), range(SHOWN_RUNS), strict=False)],
        volume=describe_volume(instance),
    )


def get_person(user: User | AnonymousUser) -> str:
    """Return who asks in the administration, as kept in logs and on rows."""
    return f"admin:{user.get_username()}"


def _choose(request: HttpRequest, instance: Instance) -> None:
    require(request.user, CHOOSE)
    name = request.POST.get("policy", "")
    try:
        choose_policy(instance, get_policy(name) if name else None, requested_by=get_person(request.user))
    except CiviparoisseError as error:
        show_refusal(request, error)


def _describe(fate: Fate, rows: dict[str, Backup]) -> dict[str, Any]:
    return {
        "backup": rows.get(fate.decision.held.backup_id),
        "keep": fate.decision.keep,
        "sentence": describe_fate(fate.decision, fate.goes_at),
    }
