"""Once a month a copy of each parish is downloaded whole, unsealed and compared: what no destination can tell.

A destination may tell the right checksum of bytes that it no longer has. The sample goes round: the place whose copies
of the parish were opened longest ago, and there a set by chance. A job beside the instance does it and keeps nothing.
"""

import logging
import random
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from domain.errors import CiviparoisseError
from domain.specs import InstanceKind, JobPhase
from domain.states import InstanceState
from engine.registry import get_engine
from offsite.comparing import make_copy_error
from offsite.fetching import make_fetch_job, raise_unless_done
from offsite.models import PROTECTING, BackupCopy, CopyState
from operations.steps.servers import select_running
from programs.run.failures import ProgramError
from tenants.models import Instance
from tenants.specs import make_instance_spec

log = logging.getLogger("offsite")

OPEN_AFTER = timedelta(days=31)
# So many are opened at once, of all destinations: each downloads a whole set.
AT_ONCE = 2
CLAIM = timedelta(minutes=10)
FAILED_PAUSE = timedelta(hours=6)
STATES = (InstanceState.ACTIVE, InstanceState.SUSPENDED)
# What a download says of the copy itself; every other failure says nothing of it.
FAULTS_OF_THE_COPY = {"copy_differs": CopyState.DIFFERENT, "object_missing": CopyState.MISSING}
_chance = random.SystemRandom()


def open_copies(*, now: datetime) -> int:
    """Look at the openings under way and begin those that are due; return how many were looked at."""
    begin_due(now=now)
    looked_at = 0
    for copy in (
        BackupCopy.objects.filter(state__in=PROTECTING)
        .exclude(run="")
        .select_related("backup__instance__tenant", "destination")
    ):
        claimed = BackupCopy.objects.filter(pk=copy.pk, run=copy.run).filter(
            Q(claimed_until=None) | Q(claimed_until__lt=now)
        )
        if claimed.update(claimed_until=now + CLAIM):
            looked_at += 1
            _look_at(copy, now=now)
    return looked_at


def begin_due(*, now: datetime) -> list[BackupCopy]:
    """Choose a copy of each parish that is due, as many as may be opened at once; return them."""
    free = AT_ONCE - BackupCopy.objects.filter(state__in=PROTECTING).exclude(run="").count()
    chosen = []
    for instance in list_due(now=now)[: max(0, free)]:
        copy = choose_copy(instance, now=now)
        if copy is not None:
            # A name that never was: an engine asked again for a run of the same name answers how the earlier one ended.
            copy.run = f"open-{copy.pk}-{copy.name[:6]}-{secrets.token_hex(6)}"
            if BackupCopy.objects.filter(pk=copy.pk, state=copy.state, run="").update(run=copy.run):
                chosen.append(copy)
    return chosen


def list_due(*, now: datetime) -> list[Instance]:
    """Return the instances of which no copy was opened for a month, and one may be now."""
    there = BackupCopy.objects.filter(state__in=PROTECTING, destination__enabled=True)
    opened = BackupCopy.objects.filter(opened_at__gt=now - OPEN_AFTER)
    under_way = there.exclude(run="")
    # A pause after a failure that said nothing of the copy.
    paused = there.filter(next_attempt_at__gt=now)
    rows = Instance.objects.filter(pk__in=there.values("backup__instance"), state__in=STATES)
    rows = rows.filter(kind=InstanceKind.PRODUCTION).defer("secrets").order_by("identifier")
    for others in (opened, under_way, paused):
        rows = rows.exclude(pk__in=others.values("backup__instance"))
    return list(rows)


def choose_copy(instance: Instance, *, now: datetime) -> BackupCopy | None:
    """Return a copy of the instance by chance, at the destination where one was opened longest ago, or never."""
    rows = BackupCopy.objects.filter(backup__instance=instance, state__in=PROTECTING, destination__enabled=True)
    copies = list(rows.filter(run="").select_related("backup__instance__tenant", "destination"))
    if not copies:
        return None
    never = datetime.min.replace(tzinfo=now.tzinfo)
    last: dict[int, datetime] = {}
    for copy in copies:
        last[copy.destination_id] = max(last.get(copy.destination_id, never), copy.opened_at or never)
    place = min(last, key=lambda key: (last[key], key))
    return _chance.choice([copy for copy in copies if copy.destination_id == place])


def find_opened(backup_ids: Collection[str]) -> dict[str, str]:
    """Return, of these sets, those of which a copy is being opened, with what does."""
    rows = BackupCopy.objects.filter(backup__backup_id__in=backup_ids, state__in=PROTECTING).exclude(run="")
    named = rows.values_list("backup__backup_id", "destination__name")
    return {backup_id: f"opening at {name}" for backup_id, name in named}


def _look_at(copy: BackupCopy, *, now: datetime) -> None:
    """Begin the opening's run, or note how it ended."""
    row = BackupCopy.objects.filter(pk=copy.pk, run=copy.run)
    try:
        is_done = _run(copy)
    except CiviparoisseError as error:
        told = str(error.params.get("code") or error.code)
        state = FAULTS_OF_THE_COPY.get(told)
        log.warning("copy of %s at %s was not opened: %s", copy.backup.backup_id, copy.destination.name, told)
        if state is not None:
            failure = make_copy_error(copy, ProgramError(told, str(error.params.get("message", ""))))
            row.update(state=state, error_code=failure.code, error_params=failure.params, checked_at=now)
        row.update(run="", claimed_until=None, next_attempt_at=now + FAILED_PAUSE)
        return
    if is_done:
        row.update(run="", claimed_until=None, opened_at=now, next_attempt_at=None, error_code="", error_params={})
    else:
        row.update(claimed_until=None)


def _run(copy: BackupCopy) -> bool:
    """Return whether the copy was opened and is what was sealed; False while that goes on. Raise CiviparoisseError."""
    instance = copy.backup.instance
    engine = get_engine(instance.engine)
    job = make_fetch_job(copy, name=copy.run, seconds=settings.COPY_TIMEOUT_SECONDS, keeps_nothing=True)
    spec = make_instance_spec(instance, components=select_running(engine.observe(instance.identifier)))
    status = engine.run_job(spec, job)
    raise_unless_done(instance, status)
    return status.phase is not JobPhase.RUNNING
