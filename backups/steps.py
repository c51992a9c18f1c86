"""Steps of a backup, and the pieces that a restore and a deletion share with it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings

from backups.models import Backup, BackupMode, BackupReason, BackupScope
from backups.policies import find_policy
from backups.records import (
    ensure_row,
    make_backup_id,
    record_deleted,
    record_failure,
    record_good,
    settle_rows,
)
from backups.terms import make_retention
from domain.errors import CiviparoisseError
from domain.specs import Component, ComponentPhase, JobProgram
from domain.states import StepState
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.schedule import make_cron_name
from operations.steps.failures import end_runs, select_cause
from operations.steps.programs import run_step_program
from operations.steps.running import note_change, note_closed, note_running
from operations.steps.schedules import await_backup, end_cron_runs
from operations.steps.servers import DATABASE_ONLY, await_running, select_running, start_database

BACKUP_KEY = "backup_id"
# In the step's data: the number of the try whose database server was seen to answer.
SERVED_KEY = "served"
# A run ends this much before the step's own deadline, so that its own account of it is what is told.
MARGIN_SECONDS = 20


def begin(context: StepContext) -> Outcome:
    """Wait for a nightly backup at work, note what runs now, and write the backup's row: from here on its failure is
    known too."""
    waited = await_backup(context)
    if isinstance(waited, Wait):
        return waited
    note_running(context)
    options = select_options(context)
    context.data["cold"] = options["mode"] == BackupMode.COLD
    ensure_backup(context, key=BACKUP_KEY, reason=BackupReason(context.parameters["reason"]), options=options)
    return Done()


def stop_site(context: StepContext) -> Outcome:
    """Stop web and cron, a cron run under way too; the database server runs."""
    instance, engine = context.instance, context.engine
    if instance.cron_last_run_at is not None and instance.cron_last_ok is None:
        engine.cancel_job(instance.identifier, make_cron_name(instance.cron_last_run_at))
    observed = engine.observe(instance.identifier)
    if not observed.is_running(DATABASE_ONLY):
        note_change(context)
        note_closed(context, observed)
        outcome = await_running(engine.apply(context.make_spec(DATABASE_ONLY)), DATABASE_ONLY)
        if isinstance(outcome, Wait):
            return outcome
    return end_cron_runs(context)


def ensure_database(context: StepContext) -> Outcome:
    """Make the database server answer, unless only files are asked for; a running one is left as it is."""
    return Done() if context.parameters.get("scope") == BackupScope.FILES else _await_database(context)


def take(context: StepContext) -> Outcome:
    """Take the backup that was asked for."""
    reason = BackupReason(context.parameters["reason"])
    return take_backup(context, key=BACKUP_KEY, reason=reason, options=select_options(context))


def take_final_backup(context: StepContext) -> Outcome:
    """Take the last backup before a deletion: everything, of the closed site."""
    options = {"scope": BackupScope.FULL.value, "mode": BackupMode.COLD.value, "codec": settings.BACKUP_CODEC}
    try:
        return take_backup(context, key=BACKUP_KEY, reason=BackupReason.FINAL, options=options)
    except CiviparoisseError as error:
        raise make_copy_error("final_backup_failed", error, instance=context.instance.identifier) from error


def take_backup(context: StepContext, *, key: str, reason: BackupReason, options: Mapping[str, str]) -> Outcome:
    """Run the backup program once per try and record how it ended.

    `key`: where the operation's data keeps the identifier, chosen once. Every try makes the same set, and the program
    finds a set made whole by a run that could not report. Raise CiviparoisseError after noting it on the row.
    """
    backup = ensure_backup(context, key=key, reason=reason, options=options)
    try:
        return _run_backup(context, backup)
    except CiviparoisseError as error:
        record_failure(backup.backup_id, error, now=context.now)
        raise


def _run_backup(context: StepContext, backup: Backup) -> Outcome:
    identifier = context.instance.identifier
    served = _ensure_server(context, backup)
    if isinstance(served, Wait):
        return served
    observed = context.engine.observe(identifier)
    status = run_step_program(
        context,
        spec=context.make_spec(select_running(observed)),
        program=JobProgram.BACKUP,
        deadline_seconds=compute_run_seconds(context, settings.BACKUP_TIMEOUT_SECONDS),
        environment={
            "BACKUP_ID": backup.backup_id,
            "SCOPE": backup.scope,
            "MODE": backup.mode,
            "CODEC": backup.codec,
            # A copy of a damaged instance saves what can be: a view that cannot be read holds no rows.
            "RETENTION": make_retention(context.instance, find_policy(context.instance)),
            "DAMAGED_VIEWS": "skip" if backup.reason in (BackupReason.SAFETY, BackupReason.FINAL) else "refuse",
        },
    )
    if isinstance(status, Wait):
        return status
    if backup.backup_id not in context.engine.observe(identifier).backup_ids:
        raise CiviparoisseError("backup_missing", instance=identifier, backup_id=backup.backup_id)
    result = dict(status.result or {})
    record_good(backup.backup_id, result=result, now=context.now)
    shown = ("stored_bytes", "rows", "tables", "members", "warnings")
    told: dict[str, Any] = {name: result[name] for name in shown if name in result}
    return Done(result={"backup_id": backup.backup_id, **told})


def _ensure_server(context: StepContext, backup: Backup) -> Outcome:
    """Make the database server answer before each try, once: one that died during a try fails that try only."""
    number = context.step_data.get("run", 1)
    if backup.scope == BackupScope.FILES or context.step_data.get(SERVED_KEY) == number:
        return Done()
    outcome = _await_database(context)
    if isinstance(outcome, Done):
        context.step_data[SERVED_KEY] = number
    return outcome


def _await_database(context: StepContext) -> Outcome:
    """Start the database server unless it answers; return Wait until it does."""
    database = context.engine.observe(context.instance.identifier).components.get(Component.DB)
    if database is not None and database.phase is ComponentPhase.READY:
        return Done()
    note_change(context)
    return start_database(context)


def settle(context: StepContext) -> Outcome:
    """End what a failed step left running, and close the rows of backups that did not become good."""
    end_runs(context)
    failed = context.operation.steps.filter(state=StepState.FAILED).order_by("position").first()
    cancelled = {"operation": context.operation.public_id, "instance": context.instance.identifier}
    code, params = (failed.error_code, failed.error_params) if failed else ("operation_cancelled", cancelled)
    settle_rows(context.operation, code=code, params=params, now=context.now)
    return Done()


def forget_backups(context: StepContext) -> Outcome:
    """Note on their rows that the instance's sets were purged with it."""
    return Done(result={"kept_backups": [], "purged_backups": record_deleted(context.instance, now=context.now)})


# --- Pieces ----------------------------------------------------------------------------------------------------------


def select_options(context: StepContext) -> dict[str, str]:
    """Return scope, mode and codec of the backup that was asked for."""
    return {name: str(context.parameters[name]) for name in ("scope", "mode", "codec")}


def ensure_backup(context: StepContext, *, key: str, reason: BackupReason, options: Mapping[str, str]) -> Backup:
    """Return the operation's backup kept under `key`; its identifier is chosen and saved first, then its row made."""
    if key not in context.data:
        context.data[key] = make_backup_id(context.now)
        context.save()
    return ensure_row(
        context.data[key], instance=context.instance, operation=context.operation, reason=reason, options=options
    )


def compute_run_seconds(context: StepContext, timeout_seconds: int) -> int:
    """Return how long a run may last so that it ends, by itself or killed, before its step's deadline."""
    elapsed = context.now - (context.step.started_at or context.now)
    left = timedelta(seconds=timeout_seconds) - elapsed
    margin = min(MARGIN_SECONDS, timeout_seconds // 10)
    return max(1, int(left.total_seconds()) - margin)


def make_copy_error(code: str, error: CiviparoisseError, *, instance: str) -> CiviparoisseError:
    """Return `code`, about a copy that could not be taken, with the cause in its parameters."""
    return CiviparoisseError(
        code,
        retryable=error.retryable,
        **{**error.params, "instance": instance, **select_cause(error.code, error.params)},
    )
