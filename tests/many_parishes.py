"""Rows of many parishes at once, by bulk_create: for figures of scale, and for tests that nothing grows with them.

Parishes differ by their number alone, in a cycle of CYCLE: whole cycles of them are alike, so that what is asked of one
cycle is what is asked of a hundred. They run on a paper engine (tests/paper_engine.py).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from backups.models import Backup, BackupReason, BackupState
from campaigns.models import Campaign, CampaignMember, InstanceHold, Volunteer
from clusters.models import CertificateExpiry
from domain.campaigns import MemberState
from domain.states import InstanceState, OperationKind, OperationState, StepState
from offsite.models import BackupCopy, CopyState, Destination
from operations.models import InstanceRoom, Operation, OperationEvent, OperationStep
from operations.registry import get_kind
from operations.schedule import PERIOD_SECONDS, compute_next_run
from parish_requests.choices import RequestState, Wish
from parish_requests.models import ParishContact, RestoreRequest
from tenants.models import Activity, Instance, Plan, Release, Tenant
from tenants.specs import make_secrets
from tests.builders import GIBIBYTE, MEBIBYTE
from tests.many_figures import write_figures
from tests.many_rows import Past, write
from tests.paper_engine import NAME, PaperEngine

CYCLE = 10


def write_parishes(
    engine: PaperEngine, first: int, count: int, *, now: datetime, past: Past, plan: Plan, release: Release
) -> None:
    """Write the parishes of the numbers from `first` on, with all that they have left; the engine sees them run."""
    numbers = range(first, first + count)
    write(Tenant(created_at=now, **_make_tenant(number)) for number in numbers)
    tenants = {row.slug: row for row in Tenant.objects.filter(slug__in=[_make_slug(number) for number in numbers])}
    since = now - timedelta(days=max(past.ledger, past.sets) + 1)
    secrets = make_secrets()
    write(
        Instance(
            tenant=tenants[_make_slug(number)],
            identifier=_make_slug(number),
            host=f"www.{_make_slug(number)}.example.org",
            plan=plan,
            release=release,
            engine=NAME,
            secrets=secrets,
            **_make_state(number, now),
        )
        for number in numbers
    )
    Instance.objects.filter(tenant__in=tenants.values()).update(created_at=since)
    rows = list(Instance.objects.filter(tenant__in=tenants.values()).order_by("pk"))
    _write_operations(rows, now)
    sets = _write_backups(rows, now, past)
    _write_observed(engine, rows, sets, now)
    _write_requests(rows, now)
    _write_campaign(rows, now)
    write_figures(rows, since=since, now=now, past=past)


def _make_slug(number: int) -> str:
    return f"paroisse-{number:05}"


def _make_tenant(number: int) -> dict[str, Any]:
    slug = _make_slug(number)
    return {
        "slug": slug,
        "name": f"Paroisse {number}",
        "name_key": f"paroisse {number:05}",
        "street": "rue de l’Église",
        "postcode": f"67{number % 1000:03}",
        "city": f"Ville {number % 200}",
        "drupal_site_mail": f"site@{slug}.example.org",
        "civicrm_domain_mail": f"contact@{slug}.example.org",
        "civicrm_domain": f"{slug}.example.org",
        "admin_mail": f"admin@{slug}.example.org",
        "admin_name": "Jeanne Martin",
    }


def _make_state(number: int, now: datetime) -> dict[str, Any]:
    slug = _make_slug(number)
    values: dict[str, Any] = {"state": InstanceState.ACTIVE.value, "url": f"https://www.{slug}.example.org/"}
    if number % CYCLE == 7:
        values["state"] = InstanceState.SUSPENDED.value
    if number % CYCLE == 8:
        values |= {
            "state": InstanceState.FAILED.value,
            "error_code": "job_lost",
            "error_params": {"program": "init", "instance": slug},
        }
    next_run = compute_next_run(slug, now=now)
    last_run = next_run - timedelta(seconds=PERIOD_SECONDS)
    return values | {"cron_next_run_at": next_run, "cron_last_run_at": last_run, "cron_last_ok": number % CYCLE != 6}


def _write_operations(rows: list[Instance], now: datetime) -> None:
    """Each was installed, backed up last night and one in a cycle failed at a resize."""

    def make() -> Iterator[Operation]:
        for number, row in enumerate(rows):
            kinds = [OperationKind.PROVISION, OperationKind.BACKUP]
            kinds += [OperationKind.RESIZE] if number % CYCLE == 5 else []
            for kind in kinds:
                failed = kind == OperationKind.RESIZE
                state = OperationState.FAILED if failed else OperationState.SUCCEEDED
                yield Operation(
                    kind=kind,
                    instance=row,
                    subject=row.identifier,
                    requested_by="jeanne",
                    state=state.value,
                    progress=100,
                    started_at=now - timedelta(hours=9),
                    ended_at=now - timedelta(hours=8),
                    error_code="job_lost" if failed else "",
                    error_params={"program": "init", "instance": row.identifier} if failed else {},
                )

    write(make())
    made = Operation.objects.filter(instance__in=rows)
    made.update(created_at=now - timedelta(hours=9))
    operations = list(made)
    write(
        OperationStep(
            operation=operation, position=position, name=step.name, phase=step.phase.value, state=StepState.DONE.value
        )
        for operation in operations
        for position, step in enumerate(get_kind(operation.kind).steps)
    )
    write(
        OperationEvent(operation=operation, message=f"line {number}") for operation in operations for number in range(3)
    )


def _make_backups(rows: list[Instance], now: datetime, past: Past) -> Iterator[Backup]:
    for number, row in enumerate(rows):
        for night in range(past.sets):
            began = now - timedelta(days=night, hours=8)
            has_failed = number % CYCLE == 4 and night == 0
            yield Backup(
                backup_id=f"{began:%Y%m%dT%H%M%SZ}-{row.pk % 0xFFFFFF:06x}",
                instance=row,
                reason=BackupReason.SCHEDULED.value,
                state=(BackupState.FAILED if has_failed else BackupState.GOOD).value,
                error_code="job_lost" if has_failed else "",
                error_params={"program": "backup", "instance": row.identifier} if has_failed else {},
                stored_bytes=200 * MEBIBYTE,
                plain_bytes=900 * MEBIBYTE,
                rows=10_000,
                tables=300,
                members=4000,
                duration_seconds=60.0,
                ended_at=began + timedelta(minutes=2),
                verified_at=began + timedelta(minutes=3),
                proven_at=began if night == past.sets - 1 else None,
                volume_bytes=2 * GIBIBYTE,
                free_bytes=GIBIBYTE,
            )


def _write_backups(rows: list[Instance], now: datetime, past: Past) -> dict[int, list[str]]:
    """A good set for each night that is kept, the newest with a copy elsewhere, the oldest proven; one in a cycle has
    failed last night. Return the good sets' identifiers by instance, the newest first."""
    write(_make_backups(rows, now, past))
    destination, _made = Destination.objects.get_or_create(
        name="elsewhere",
        defaults={"kind": "s3", "settings": {}, "checked_at": now, "level": "ok"},
    )
    made = Backup.objects.filter(instance__in=rows)
    # The column notes the moment of the writing by itself.
    made.update(started_at=F("ended_at") - timedelta(minutes=2))
    newest: dict[int, Backup] = {}
    sets: dict[int, list[str]] = {}
    for row in made.filter(state=BackupState.GOOD).order_by("-started_at"):
        newest.setdefault(row.instance_id, row)
        sets.setdefault(row.instance_id, []).append(row.backup_id)
    write(
        BackupCopy(
            backup=row,
            destination=destination,
            state=CopyState.CHECKED.value,
            copied_at=now,
            checked_at=now,
            opened_at=now,
            sealed_bytes=200 * MEBIBYTE,
            object_count=5,
        )
        for row in newest.values()
    )
    return sets


def _write_observed(engine: PaperEngine, rows: list[Instance], sets: dict[int, list[str]], now: datetime) -> None:
    """What looks have found of each: use, room, certificate; and what the engine holds."""
    write(Activity(instance=row, visited_at=now, visits_counted_since=now, visits_looked_at=now) for row in rows)
    write(InstanceRoom(instance=row, looked_at=now, percents={"db": 40}, most_percent=40) for row in rows)
    write(CertificateExpiry(instance=row, expires_at=now + timedelta(days=90), observed_at=now) for row in rows)
    for row in rows:
        runs = row.state == InstanceState.ACTIVE
        engine.add(row.identifier, sets=sets.get(row.pk, []), runs=runs, now=now)


def _write_requests(rows: list[Instance], now: datetime) -> None:
    """A contact for each; one in a cycle asks for help, one has been answered."""
    write(
        ParishContact(
            tenant_id=row.tenant_id, name="Jeanne Martin", mail=f"jeanne@{row.identifier}.example.org", confirmed_at=now
        )
        for row in rows
    )
    states = {2: RequestState.SUBMITTED, 3: RequestState.DONE}
    write(
        RestoreRequest(
            tenant_id=row.tenant_id,
            instance=row,
            wish=Wish.HELP.value,
            why="De l’aide",
            state=states[number % CYCLE].value,
            asked_name="Jeanne Martin",
            asked_mail=f"jeanne@{row.identifier}.example.org",
            submitted_at=now,
            expires_at=now + timedelta(days=14),
            ended_at=now if number % CYCLE == 3 else None,
        )
        for number, row in enumerate(rows)
        if number % CYCLE in states
    )


def _write_campaign(rows: list[Instance], now: datetime) -> None:
    """A paused campaign over all of them: one in a cycle has failed, the others are done or wait; one is held."""
    campaign, _made = Campaign.objects.get_or_create(
        name="Backups", defaults={"kind": "backup", "state": "paused", "created_by": "jeanne", "created_at": now}
    )
    states = {0: MemberState.FAILED, 1: MemberState.WAITING, 2: MemberState.WAITING}
    write(
        CampaignMember(
            campaign=campaign,
            instance=row,
            subject=row.identifier,
            lock=row.identifier,
            position=row.pk,
            state=states.get(number % CYCLE, MemberState.DONE).value,
            error_code="engine_unavailable" if number % CYCLE == 0 else "",
            error_params={"instance": row.identifier, "detail": "x"} if number % CYCLE == 0 else {},
        )
        for number, row in enumerate(rows)
    )
    write(InstanceHold(instance=row, reason="later") for row in rows[::CYCLE])
    write(Volunteer(tenant_id=row.tenant_id) for row in rows[::CYCLE])
