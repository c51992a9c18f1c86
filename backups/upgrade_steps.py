"""Steps of an upgrade to another release: close the site, copy it, update it, open it; and the way back.

The copy is taken of a closed site, so that what comes back after a failure is all that people had entered.
"""

from typing import Any

from django.conf import settings

from backups.models import BackupMode, BackupReason, BackupScope
from backups.restore_steps import SAFETY_KEY, note_page, run_restore
from backups.selectors import get_backup
from backups.steps import compute_run_seconds, make_copy_error, settle, take_backup
from domain.errors import CiviparoisseError
from domain.specs import Component, JobProgram
from domain.states import InstanceState, StepPhase
from operations.endings import ERROR_KEY, STATE_BEFORE_KEY
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.progression import ENDING_KEY
from operations.steps.failures import (
    CANCELLED,
    describe_step_failure,
    end_runs,
    find_failed,
    has_begun,
    is_done,
    select_cause,
)
from operations.steps.programs import run_step_program
from operations.steps.running import describe_closing, keep_closed, note_change, note_running, put_back
from operations.steps.servers import DATABASE_ONLY, await_running
from operations.steps.servers import smoke_test as read_page
from tenants.models import Instance, Release
from tenants.registry import get_release
from tenants.specs import select_wanted_components

RELEASE_BEFORE_KEY = "release_before"


def record_release_before(context: StepContext) -> Outcome:
    """Note what runs, whether the page answers, and which release is the present one."""
    note_page(context, note_running(context))
    context.data.setdefault(RELEASE_BEFORE_KEY, context.instance.release.name)
    return Done()


def take_safety_backup(context: StepContext) -> Outcome:
    """Copy everything that the update may change; without that copy nothing is touched."""
    options = {"scope": BackupScope.FULL.value, "mode": BackupMode.COLD.value, "codec": settings.BACKUP_CODEC}
    try:
        return take_backup(context, key=SAFETY_KEY, reason=BackupReason.SAFETY, options=options)
    except CiviparoisseError as error:
        raise make_copy_error("upgrade_safety_backup_failed", error, instance=context.instance.identifier) from error


def stop_database(context: StepContext) -> Outcome:
    """Stop the database server too: the update program starts its own on the same data."""
    note_change(context)
    return await_running(context.engine.apply(context.make_spec(frozenset())), frozenset())


def set_release(context: StepContext) -> Outcome:
    """Name the new release on the instance's row, and give the stopped instance its images and configuration."""
    _set_release(context.instance, get_release(context.parameters["release"]))
    return await_running(context.engine.apply(context.make_spec(frozenset())), frozenset())


def update(context: StepContext) -> Outcome:
    """Bring the data to the new release. A run that failed or was lost is not repeated: it may have done half of it."""
    try:
        status = run_step_program(
            context,
            spec=context.make_spec(frozenset()),
            program=JobProgram.UPDATE,
            deadline_seconds=compute_run_seconds(context, settings.UPDATE_TIMEOUT_SECONDS),
        )
    except CiviparoisseError as error:
        error.retryable = error.retryable and error.code not in ("program_failed", "job_lost")
        raise
    return status if isinstance(status, Wait) else Done()


def start_database(context: StepContext) -> Outcome:
    """Start the database server, alone."""
    return await_running(context.engine.apply(context.make_spec(DATABASE_ONLY)), DATABASE_ONLY)


def start_site(context: StepContext) -> Outcome:
    """Start what the instance should run; a suspended one's cron stays off."""
    wanted = select_wanted_components(context.instance)
    if context.data[STATE_BEFORE_KEY] == InstanceState.SUSPENDED:
        wanted -= {Component.CRON}
    return await_running(context.engine.apply(context.make_spec(wanted)), wanted)


def smoke_test(context: StepContext) -> Outcome:
    """Read the page as a visitor would, and tell what was changed."""
    outcome = read_page(context)
    if isinstance(outcome, Wait):
        return outcome
    return Done(result={**_describe_change(context), **describe_closing(context), **outcome.result})


# --- The way back ----------------------------------------------------------------------------------------------------


def undo_stop(context: StepContext) -> Outcome:
    """End an update that is still at work, then stop everything."""
    end_runs(context)
    return stop_database(context)


def undo_release(context: StepContext) -> Outcome:
    """Name the earlier release again, and give the stopped instance its images and configuration."""
    _set_release(context.instance, get_release(context.data[RELEASE_BEFORE_KEY]))
    return await_running(context.engine.apply(context.make_spec(frozenset())), frozenset())


def undo_update(context: StepContext) -> Outcome:
    """Put the safety backup back, unless no update began. Raise `upgrade_without_way_back` if there is none."""
    if not has_begun(context, update):
        return Done()
    if not context.parameters["safety_backup"]:
        failed = find_failed(context, StepPhase.MAIN)
        cause = select_cause(failed.error_code, failed.error_params) if failed else CANCELLED
        raise CiviparoisseError("upgrade_without_way_back", instance=context.instance.identifier, **cause)
    started = start_database(context)
    if isinstance(started, Wait):
        return started
    safety = get_backup(context.data[SAFETY_KEY])
    return run_restore(context, safety, scope=safety.scope, database="", clone=False)


def put_back_upgraded(context: StepContext) -> Outcome:
    """Run what ran before; after a failure, data that could not be put back stays closed."""
    if ENDING_KEY in context.data and find_failed(context, StepPhase.ROLLBACK) is not None:
        if not is_done(context, undo_update):
            context.log("web and cron stay stopped: the data may be neither the old nor the new")
            keep_closed(context)
            return Done()
    return put_back(context)


def settle_upgrade(context: StepContext) -> Outcome:
    """Close what was left open, and say what became of release and data when they had begun to change."""
    outcome = settle(context)
    failed, undone = find_failed(context, StepPhase.MAIN), find_failed(context, StepPhase.ROLLBACK)
    reason = failed or undone
    if reason is not None and has_begun(context, set_release):
        code = "upgrade_rolled_back" if undone is None else "upgrade_rollback_failed"
        if undone is not None and undone.error_code == "upgrade_without_way_back":
            code = undone.error_code
        params = {
            "instance": context.instance.identifier,
            "operation": context.operation.public_id,
            **_describe_change(context),
            **describe_step_failure(reason),
        }
        context.data[ERROR_KEY] = {"code": code, "params": params}
    return outcome


def _set_release(instance: Instance, release: Release) -> None:
    Instance.objects.filter(pk=instance.pk).update(release=release)
    instance.release = release


def _describe_change(context: StepContext) -> dict[str, Any]:
    return {
        "release": context.parameters["release"],
        "release_before": context.data[RELEASE_BEFORE_KEY],
        "safety_backup_id": context.data.get(SAFETY_KEY, ""),
    }
