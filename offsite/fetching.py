"""The way back: a set that is no longer on its volume comes from a destination that has it, before anything is touched.

The pod that fetches is given, for the time of that run, how the destination is read and the key of that set alone; the
keys of the parish stay with the manager.
"""

import json
from dataclasses import asdict

from django.conf import settings

from backups.elsewhere import BRINGING_KEY
from backups.models import Backup
from backups.steps import compute_run_seconds
from domain.errors import CiviparoisseError
from domain.specs import JobPhase, JobProgram, JobSpec, JobStatus
from engine.registry import get_engine
from offsite.comparing import check_trust, make_copy_error, read_contents
from offsite.destinations import carrying, make_place
from offsite.models import PROTECTING, BackupCopy
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.steps.programs import RUN_NAME_KEY, make_program_error
from operations.steps.servers import select_running
from programs.run.failures import ProgramError
from tenants.models import Instance
from tenants.specs import make_instance_spec

# In the step's data: the places that did not give it, and how many runs there were.
COUNT_KEY = "fetches"
TRIED_KEY = "fetch_tried"


def is_away(backup: Backup) -> bool:
    """Return whether a checked copy of the set is somewhere."""
    return list_sources(backup) != []


def list_sources(backup: Backup) -> list[BackupCopy]:
    """Return the copies that the set can be fetched from, the one that was looked at last first."""
    rows = backup.copies.filter(state__in=PROTECTING, destination__enabled=True)
    return list(rows.select_related("backup__instance__tenant", "destination").order_by("-checked_at"))


def ensure_here(context: StepContext, backup: Backup) -> Outcome:
    """Bring a set back to the volume of its instance. Done once it is there; Wait until then. One place after another
    is tried. Raise CiviparoisseError `copy_unavailable` when none gave it, `copy_untrusted` for an altered one."""
    tried = context.step_data.setdefault(TRIED_KEY, [])
    sources = [copy for copy in list_sources(backup) if copy.pk not in tried]
    if not sources:
        raise CiviparoisseError("copy_unavailable", backup_id=backup.backup_id, instance=backup.instance.identifier)
    copy, number = sources[0], context.step_data.setdefault(COUNT_KEY, 1)
    context.step_data[BRINGING_KEY] = number
    try:
        outcome = _look_at_run(context, copy, number=number)
        if isinstance(outcome, Done):
            del context.step_data[BRINGING_KEY]
        return outcome
    except CiviparoisseError as error:
        context.log(f"fetching {backup.backup_id} from {copy.destination.name}: {error}")
        context.step_data[COUNT_KEY] = number + 1
        del context.step_data[BRINGING_KEY]
        if error.code == "no_space" or error.params.get("code") == "no_space" or len(sources) == 1:
            raise
        context.step_data[TRIED_KEY] = [*tried, copy.pk]
        return Wait(message=f"fetching {backup.backup_id}")


def _look_at_run(context: StepContext, copy: BackupCopy, *, number: int) -> Outcome:
    instance = copy.backup.instance
    engine = get_engine(instance.engine)
    job = make_fetch_job(copy, name=f"fetch-{context.operation.public_id}-{number}", seconds=compute_seconds(context))
    if instance.identifier == context.instance.identifier:
        context.step_data[RUN_NAME_KEY] = job.name
    spec = make_instance_spec(instance, components=select_running(engine.observe(instance.identifier)))
    status = engine.run_job(spec, job)
    if status.phase is JobPhase.RUNNING:
        return Wait(message=status.message or f"fetching {copy.backup.backup_id}", progress=status.progress)
    raise_unless_done(instance, status)
    return Done()


def raise_unless_done(instance: Instance, status: JobStatus) -> None:
    """Raise CiviparoisseError for a run that was lost or failed."""
    if status.phase is JobPhase.LOST:
        raise CiviparoisseError("job_lost", instance=instance.identifier, program=JobProgram.FETCH.value)
    if status.phase is JobPhase.FAILED:
        raise make_program_error(instance.identifier, JobProgram.FETCH, status)


def compute_seconds(context: StepContext) -> int:
    """Return how long a fetch may last."""
    return compute_run_seconds(context, settings.RESTORE_TIMEOUT_SECONDS)


def make_fetch_job(copy: BackupCopy, *, name: str, seconds: int, keeps_nothing: bool = False) -> JobSpec:
    """Return the run that fetches a copy, or with `keeps_nothing` only opens and compares it. Raise CiviparoisseError
    unless its list of contents is what this manager countersigned."""
    check_trust(copy)
    try:
        with carrying(copy.destination) as carrier:
            contents = read_contents(copy, carrier)
    except ProgramError as error:
        raise make_copy_error(copy, error) from error
    return JobSpec(
        name=name,
        program=JobProgram.FETCH,
        environment={"BACKUP_ID": copy.backup.backup_id, **({"KEEP_NOTHING": "1"} if keeps_nothing else {})},
        deadline_seconds=seconds,
        secrets={
            "DESTINATION": make_place(copy.destination).format(),
            "IDENTITY": contents.identity,
            "CONTENTS": json.dumps([asdict(sealed) for sealed in contents.artifacts]),
        },
    )
