"""The sets of an instance in time: why each stays or when it goes, what comes next, and by another policy too."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from backups.models import Backup, BackupPolicy
from backups.policies import choose_policy, find_policy, get_policy
from backups.proof_sources import list_places_away
from backups.retention import Fate, foresee_next, list_runs, preview_retention
from backups.retention_texts import describe_fate
from backups.volumes import describe_volume
from civiparoisse.admin_base import make_page, show_refusal
from civiparoisse.presentation import format_time
from console.backups.pages import describe_proof
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


def describe_next(instance: Instance, policy: BackupPolicy, *, now: datetime) -> dict[str, Any]:
    """Return, for the instance's page, when the next backup is due as people say it, "" for none, and the rows of the
    sets that go now and that go then."""
    coming = foresee_next(instance, policy, now=now)
    names = {held.backup_id for held in (*coming.going, *coming.then_going)}
    rows = {row.backup_id: row for row in Backup.objects.filter(backup_id__in=names)}
    return {
        "next_run": "" if coming.run_at is None else write_run(coming.run_at, now=now),
        "going": [rows[held.backup_id] for held in coming.going],
        "then_going": [rows[held.backup_id] for held in coming.then_going],
    }


def write_run(run_at: datetime, *, now: datetime) -> str:
    """Return when a backup is due: tonight at an hour, or a day and an hour."""
    if run_at - now < timedelta(hours=24):
        return _("tonight at %(time)s") % {"time": date_format(localtime(run_at), "TIME_FORMAT")}
    return format_time(run_at)


def mark_rows(backups: Iterable[Backup]) -> list[Any]:
    """Return the backups, each with `marks`: pinned, proven and where else it is, as texts. `proofs` and the copies'
    destinations are read for all of them at once."""
    rows: list[Any] = list(backups)
    places = list_places_away([row.backup_id for row in rows])
    for row in rows:
        marks = [_("pinned")] if row.pinned_at is not None else []
        marks += [describe_proof(row)[1]] if describe_proof(row)[0] else []
        row.marks = [*marks, *places.get(row.backup_id, [])]
    return rows


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
