"""Steps of a verification: sets are read back one by one, each by its own run, and their rows say what was found."""

from typing import Any

from django.conf import settings

from backups.holders import find_remover
from backups.models import Backup, BackupState
from backups.records import record_refused, record_verified
from backups.selectors import get_backup
from backups.steps import compute_run_seconds
from domain.errors import CiviparoisseError, ProgramFailed
from domain.specs import JobProgram, JobStatus
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.steps.failures import select_cause
from operations.steps.programs import RUN_NAME_KEY, run_step_program
from operations.steps.servers import select_running

# In the operation's data: by set, {} where it is good, else {code, params} of what is wrong, or GONE.
FOUND_KEY = "found"
GONE = {"gone": True}


def read_back(context: StepContext) -> Outcome:
    """Read the sets that were asked for, the newest first; those that were removed meanwhile are passed over. A damaged
    one stops no other's reading, a cancel stops them all."""
    wanted: list[str] = context.parameters["backup_ids"]
    found: dict[str, Any] = context.data.setdefault(FOUND_KEY, {})
    while left := [backup_id for backup_id in wanted if backup_id not in found]:
        if context.operation.cancel_requested:
            _end_run(context)
            return Done()
        backup = get_backup(left[0])
        if backup.state == BackupState.DELETED:
            found[backup.backup_id] = GONE
            continue
        try:
            status = run_verification(context, backup, timeout_seconds=settings.VERIFY_TIMEOUT_SECONDS)
        except ProgramFailed as error:
            if error.retryable:
                raise
            is_leaving = is_removed(backup) or find_remover([backup.backup_id]) is not None
            found[backup.backup_id] = GONE if is_leaving else {"code": error.code, "params": error.params}
            context.save()
            continue
        if isinstance(status, Wait):
            done = (100 * len(found) + (status.progress or 0)) // len(wanted)
            return Wait(message=backup.backup_id, progress=done)
        found[backup.backup_id] = {}
        context.step_data["run"] += 1
        context.save()
    return Done()


def is_removed(backup: Backup) -> bool:
    """Return whether the row says by now that the set is gone."""
    return Backup.objects.filter(pk=backup.pk, state=BackupState.DELETED).exists()


def judge(context: StepContext) -> Outcome:
    """Tell how many are good. Raise CiviparoisseError `backups_not_good` that names those that are not."""
    found: dict[str, Any] = context.data[FOUND_KEY]
    bad = {backup_id: error for backup_id, error in found.items() if error and error != GONE}
    if bad:
        first = next(iter(bad.values()))
        raise CiviparoisseError(
            "backups_not_good",
            instance=context.instance.identifier,
            count=len(bad),
            backup_ids=", ".join(bad),
            **select_cause(first["code"], first["params"]),
        )
    good = [backup_id for backup_id, error in found.items() if not error]
    return Done(result={"verified_backups": len(good), "backup_ids": good})


def run_verification(context: StepContext, backup: Backup, *, timeout_seconds: int) -> JobStatus | Wait:
    """Have the whole set read back where it lies, and note on its row what was found.

    Return Wait while it is read. Raise ProgramFailed (the set is bad, or could not be read) or `job_lost`.
    """
    observed = context.engine.observe(context.instance.identifier)
    try:
        status = run_step_program(
            context,
            spec=context.make_spec(select_running(observed)),
            program=JobProgram.VERIFY,
            deadline_seconds=min(compute_run_seconds(context, timeout_seconds), settings.RESTORE_TIMEOUT_SECONDS),
            environment={"BACKUP_ID": backup.backup_id},
            set_of=backup.instance.identifier,
        )
    except CiviparoisseError as error:
        record_refused(backup.backup_id, error)
        raise
    if not isinstance(status, Wait):
        record_verified(backup.backup_id, result=status.result or {}, now=context.now)
    return status


def _end_run(context: StepContext) -> None:
    """Kill the run under way; one that has ended is ignored by the engine."""
    if name := context.step_data.get(RUN_NAME_KEY):
        context.engine.cancel_job(context.instance.identifier, name)
