"""A manager in which every page has something to show, and all addresses that a person can reach from the first."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from api.tokens import create_token
from backups.models import Backup, BackupReason, BackupScope, BackupState
from campaigns.models import Campaign, InstanceHold, ReleaseStanding, Volunteer
from clusters.inspection import keep_report
from clusters.models import CertificateExpiry, ReportKind
from domain.campaigns import CampaignState, MemberState
from domain.findings import Level
from domain.parish_requests import RequestState, Wish
from domain.states import InstanceState, OperationKind
from finops.calendar import compute_day, compute_month, compute_second
from finops.models import Budget, BudgetAlert, ClosedMonth
from offsite.destinations import create_destination
from offsite.models import BackupCopy, CopyState, Destination
from operations.models import Operation, OperationEvent
from operations.registry import list_kinds
from operations.requests import request_operation
from parish_requests.models import RequestApproval, RequestRules, RestoreRequest
from tenants.models import Instance, Release
from tests.backups.rows import make_backup_row
from tests.clusters.samples import make_cluster_row, make_kubeconfig
from tests.console.campaigns.rows import make_campaign, set_member
from tests.console.requests.rows import make_contact_row, make_request_row, set_state
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded, write_use
from tests.rows import make_instance_row
from watch.models import Sighting

LINK = re.compile(r'(?:href|data-refresh-url)="([^"#]+)')
# Addresses that are left out: they end the session, change the language, or are files.
LEFT_OUT = re.compile(r"logout|jsi18n|/static/|/api/|\.(csv|json|xlsx)|/month/")
ADDRESSES_A_NAME = 4


def fill_manager() -> None:
    """Record parishes in every state, with what can be good and bad about them. The engine is "fake"."""
    now = timezone.now()
    make_sheet(engine="")
    for number, slug in enumerate(("saint-paul", "sainte-marie", "saint-etienne")):
        make_recorded(slug, since=now - timedelta(days=40))
        row = Instance.objects.get(identifier=slug)
        make_backup_row(row, hours_ago=3 + 20 * number, stored_bytes=5 * 2**30, warnings=["hard_links"] * number)
        make_backup_row(row, hours_ago=200, state=BackupState.FAILED, error_code="operation_cancelled")
        make_backup_row(row, hours_ago=300, scope=BackupScope.DATABASE, reason=BackupReason.SAFETY)
    write_use(["saint-paul"], last=compute_day(compute_second(now)))
    for state in InstanceState:
        make_instance_row(f"etat-{state.value}", state=state)
    failed = {"error_code": "job_lost", "error_params": {"program": "init", "instance": "etat-failed"}}
    Instance.objects.filter(state=InstanceState.FAILED.value).update(**failed)
    paul = Instance.objects.get(identifier="saint-paul")
    CertificateExpiry.objects.create(instance=paul, expires_at=now + timedelta(days=3), observed_at=now)
    _fill_operations(paul)
    _fill_clusters()
    _fill_destinations(paul.backups.get(state=BackupState.GOOD, scope=BackupScope.FULL))
    _fill_costs()
    _fill_requests()
    _fill_campaigns()
    User.objects.create_user("jeanne", is_staff=True)
    group = Group.objects.create(name="comptables")
    group.permissions.add(*Permission.objects.all())
    create_token("jeanne", "courriels")
    params = {"instance": "fake", "detail": "connexion"}
    Sighting.objects.create(engine="fake", at=now, document={"code": "engine_unavailable", "params": params})
    Sighting.objects.create(engine="local", at=now, document={"more": 0, "binding": "memory"})


def _fill_operations(instance: Instance) -> None:
    now = timezone.now()
    for kind in list_kinds():
        operation = Operation.objects.create(
            kind=kind.code, instance=instance, subject="saint-paul", requested_by="jeanne", state="failed",
            started_at=now - timedelta(minutes=3), ended_at=now, error_code="job_lost",
            error_params={"program": "backup", "instance": "saint-paul"},
        )  # fmt: skip
        OperationEvent.objects.create(operation=operation, message="saint-paul")
    request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="jeanne")


def _fill_clusters() -> None:
    cluster = make_cluster_row(kubeconfig=make_kubeconfig(server="https://127.0.0.1:9"))
    now = timezone.now()
    findings = [
        {"code": "api_refused", "level": "critical", "params": {}},
        {"code": "storage_retains", "level": "warning", "params": {"policy": "Retain"}},
    ]
    keep_report(cluster, ReportKind.CHECK, level=Level.CRITICAL, at=now, document={"findings": findings})
    instance = {
        "instance": "saint-paul",
        "count": 1,
        "differences": [{"object": "StatefulSet/db", "path": "spec.replicas", "wanted": "1", "found": "0"}],
    }
    drift = {"drifted": 1, "looked_at": 3, "busy": [], "instances": [instance], "findings": []}
    keep_report(cluster, ReportKind.DRIFT, level=Level.WARNING, at=now, document=drift)


def _fill_destinations(backup: Backup) -> None:
    access = {"access_key_id": "clé", "secret_access_key": "secret", "endpoint": "https://s3.example.org"}
    row = create_destination({"name": "s3", "kind": "s3", "bucket": "copies", **access}, requested_by="jeanne")
    finding = {"code": "place_clock_differs", "level": "warning", "params": {"seconds": 300}}
    Destination.objects.filter(pk=row.pk).update(report=[finding], level="warning", checked_at=timezone.now())
    told = {"backup_id": backup.backup_id, "destination": "s3", "code": "object_missing", "message": "x", "hint": ""}
    BackupCopy.objects.create(
        backup=backup, destination=row, state=CopyState.MISSING, error_code="copy_failed", error_params=told
    )


def _fill_costs() -> None:
    now = timezone.now()
    budget = Budget.objects.create(tenant="saint-paul", amount=1)
    BudgetAlert.objects.create(
        budget=budget, month=str(compute_month(now)), threshold=100, basis="actual", cost=6, limit=5, raised_at=now
    )
    ClosedMonth.objects.create(
        month="2026-01", hours=744, bill=12, currency="EUR", vat_included=True, closed_by="jeanne", closed_at=now
    )


def _fill_requests() -> None:
    """Record contacts and a request in every state, with a preview, an approval and a question."""
    contact = make_contact_row()
    make_contact_row(mail="paul@example.org", name="Paul Roth", confirmed_at=None)
    request = make_request_row(contact=contact, why="De 2025")
    RestoreRequest.objects.filter(pk=request.pk).update(approvals_needed=2)
    RequestApproval.objects.create(request=request, by="omar", at=timezone.now(), preview_sha256="0" * 64)
    for number, state in enumerate(RequestState):
        row = set_state(make_request_row(wish=Wish.HELP, contact=contact, why=f"Question {number}"), state)
        if state is RequestState.FAILED:
            params = {"error_code": "request_set_gone", "error_params": {"request": row.reference}}
            RestoreRequest.objects.filter(pk=row.pk).update(**params, ended_at=timezone.now())
        if state is RequestState.SUBMITTED:
            set_state(row, RequestState.WITHDRAWN)  # an open one more than a parish may have
    RequestRules.objects.create(telephone="+33 3 88 00 00 00")
    restored = Operation.objects.filter(kind=OperationKind.RESTORE, state="failed")
    safety = make_backup_row(Instance.objects.get(identifier="saint-paul"), hours_ago=30, reason=BackupReason.SAFETY)
    restored.update(state="succeeded", error_code="", data={"safety_backup_id": safety.backup_id})


def _fill_campaigns() -> None:
    """Record a campaign at work with instances in every state, one of each other state, and who takes part in them."""
    make_instance_row("saint-luc", state=InstanceState.ACTIVE)
    chosen = {"slugs": ["saint-paul", "sainte-marie", "saint-etienne", "etat-new"]}
    campaign = make_campaign(is_started=True, selection=chosen, notes="Prévenue le 3", blackout={"weekdays": ["sun"]})
    set_member(campaign, "saint-paul", MemberState.FAILED, error_code="job_lost")
    set_member(campaign, "sainte-marie", MemberState.RUNNING)
    for state in CampaignState:
        row = make_campaign(selection={"slugs": ["saint-luc"]})
        paused = {"why_paused": "share", "paused_at": timezone.now()} if state is CampaignState.PAUSED else {}
        Campaign.objects.filter(pk=row.pk).update(state=state.value, **paused)
        row.members.update(lock=None)
    release = Release.objects.earliest("pk")
    ReleaseStanding.objects.create(release=release, state="required", required_by=timezone.now().date(), notes="Lire")
    instance = Instance.objects.get(identifier="saint-luc")
    InstanceHold.objects.create(instance=instance, reason="Fête", created_by="jeanne")
    Volunteer.objects.create(tenant=instance.tenant, note="Volontaire", created_by="jeanne")


def crawl(client: Client, *, of_each_name: int = ADDRESSES_A_NAME) -> Iterator[tuple[str, str]]:
    """Give (address, page) of all that is reached from the first page; of many pages of one name only some."""
    waiting, seen, counts = ["/admin/"], {"/admin/"}, dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address)
        if answer.status_code == 302:
            continue
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        page = answer.content.decode()
        yield address, page
        for link in LINK.findall(page):
            target = urljoin(address, link.replace("&amp;", "&"))
            parts = urlsplit(target)
            if parts.netloc or target in seen or not parts.path.startswith("/admin/") or LEFT_OUT.search(target):
                continue
            seen.add(target)
            name = resolve(parts.path).view_name + ("?" if parts.query else "")
            counts[name] = counts.get(name, 0) + 1
            if counts[name] <= of_each_name:
                waiting.append(target)
