"""Steps of a restore: check the set, copy what is there, stop the site, restore, start; and the way back."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from backups.elsewhere import bring_back
from backups.models import Backup, BackupMode, BackupReason, BackupScope
from backups.part_parameters import make_part_environment
from backups.records import record_returned
from backups.selectors import get_backup
from backups.steps import compute_run_seconds, make_copy_error, settle, stop_site, take_backup
from backups.verify_steps import run_verification
from domain.errors import CiviparoisseError, ProgramFailed
from domain.specs import Component, ComponentPhase, JobProgram, ObservedInstance
from domain.states import StepPhase
from operations.endings import ERROR_KEY
from operations.models import OperationStep
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.progression import ENDING_KEY
from operations.steps.failures import describe_step_failure, end_runs, find_failed, has_begun, is_done, select_cause
from operations.steps.programs import run_step_program
from operations.steps.running import describe_closing, is_back, keep_closed, note_running, put_back
from operations.steps.servers import DATABASE_ONLY, await_running, select_running
from operations.steps.servers import smoke_test as read_page
from tenants.models import Instance
from tenants.specs import select_wanted_components

SAFETY_KEY = "safety_backup_id"
CLONE_KEY = "clone"
PAGE_KEY = "page_before"
FLAGS_KEY = "flags_before"
RESTORED_KEY = "restored"
# False: no run of the restore has changed anything. Missing: not known, which counts as changed.
TOUCHED_KEY = "touched"
FLAGS = ("mail_enabled", "cron_enabled")


def check_set(context: StepContext) -> Outcome:
    """Read the whole set back before anything is stopped, and note what runs and whether the page answers."""
    backup = get_backup(context.parameters["backup_id"])
    source = backup.instance.identifier
    context.data[CLONE_KEY] = source != context.instance.identifier
    is_here = backup.backup_id in context.engine.observe(source).backup_ids
    brought = bring_back(context, backup, is_here=is_here)
    if brought is None:
        raise CiviparoisseError("backup_missing", instance=source, backup_id=backup.backup_id)
    if isinstance(brought, Wait):
        return brought
    record_returned(backup.backup_id)
    note_page(context, note_running(context))
    status = run_verification(context, backup, timeout_seconds=settings.RESTORE_TIMEOUT_SECONDS)
    return status if isinstance(status, Wait) else Done()


def take_safety_backup(context: StepContext) -> Outcome:
    """Copy what the restore will replace, of the closed site, so that it holds all that people entered; without that
    copy nothing is touched."""
    scope = BackupScope(context.parameters["scope"])
    options = {"scope": scope.value, "mode": BackupMode.COLD.value, "codec": settings.BACKUP_CODEC}
    try:
        return take_backup(context, key=SAFETY_KEY, reason=BackupReason.SAFETY, options=options)
    except CiviparoisseError as error:
        raise make_copy_error("safety_backup_failed", error, instance=context.instance.identifier) from error


def isolate_clone(context: StepContext) -> Outcome:
    """Switch off mail and cron of the copy before anything of it starts: its data knows real people's addresses."""
    if FLAGS_KEY not in context.data:
        context.data[FLAGS_KEY] = {name: getattr(context.instance, name) for name in FLAGS}
        context.save()
    _set_flags(context.instance, dict.fromkeys(FLAGS, False))
    return Done()


def restore(context: StepContext) -> Outcome:
    """Put the set in the place of what is there."""
    asked = context.parameters
    context.data.pop(TOUCHED_KEY, None)
    try:
        outcome = run_restore(
            context,
            get_backup(asked["backup_id"]),
            scope=asked["scope"],
            database=asked["database"],
            clone=context.data[CLONE_KEY],
            part=make_part_environment(asked),
        )
    except ProgramFailed as error:
        # Of the first run only: an earlier one may have been killed half-way.
        if context.step.attempt == 1 and error.params.get("touched") is False:
            context.data[TOUCHED_KEY] = False
        raise
    if isinstance(outcome, Done):
        context.data[RESTORED_KEY] = outcome.result
    return outcome


def start_site(context: StepContext) -> Outcome:
    """Start everything; a cron that waits for what a partial restore did not bring back is not waited for."""
    wanted = select_wanted_components(context.instance)
    awaited = wanted if must_answer(context) else wanted - {Component.CRON}
    observed = context.engine.apply(context.make_spec(wanted))
    if is_back(observed, wanted=wanted, awaited=awaited):
        return Done()
    return await_running(observed, wanted)


def smoke_test(context: StepContext) -> Outcome:
    """Read the page as a visitor would, and tell what was restored."""
    outcome = read_page(context)
    if isinstance(outcome, Done):
        told = {**context.data[RESTORED_KEY], **describe_closing(context)}
        return Done(result={**told, "page": True, **outcome.result})
    if must_answer(context):
        return outcome
    context.log(f"the page did not answer before, and does not now: {outcome.message}")
    return Done(result={**context.data[RESTORED_KEY], **describe_closing(context), "page": False})


def note_page(context: StepContext, observed: ObservedInstance) -> None:
    """Keep in the operation's data whether the page answers before anything is stopped."""
    if PAGE_KEY not in context.data:
        httpd = observed.components.get(Component.HTTPD)
        # PHP may still answer from its cache for files that are gone.
        up = httpd is not None and httpd.phase is ComponentPhase.READY and observed.initialised
        context.data[PAGE_KEY] = up and context.engine.probe(context.make_spec(select_running(observed))).ok


def must_answer(context: StepContext) -> bool:
    """Return whether a page that does not answer is the restore's fault: it did before, or everything was restored."""
    return bool(context.data[PAGE_KEY]) or context.parameters["scope"] == BackupScope.FULL


# --- The way back ----------------------------------------------------------------------------------------------------


def undo_stop(context: StepContext) -> Outcome:
    """End a restore that is still at work, then stop web and cron again."""
    end_runs(context)
    return stop_site(context)


def undo_restore(context: StepContext) -> Outcome:
    """Put the safety backup back, unless nothing was changed. Raise `restore_without_way_back` if there is none."""
    if not has_begun(context, restore) or context.data.get(TOUCHED_KEY) is False:
        return Done()
    if not context.parameters["safety_backup"]:
        failed = find_failed(context, StepPhase.MAIN)
        cause = select_cause(failed.error_code, failed.error_params) if failed else {"cause": "operation_cancelled"}
        params: dict[str, Any] = {"instance": context.instance.identifier, "detail": "", **cause}
        raise CiviparoisseError("restore_without_way_back", **params)
    safety = get_backup(context.data[SAFETY_KEY])
    return run_restore(context, safety, scope=safety.scope, database="", clone=False)


def undo_isolation(context: StepContext) -> Outcome:
    """Give mail and cron of the instance back what they were."""
    if FLAGS_KEY in context.data:
        _set_flags(context.instance, context.data[FLAGS_KEY])
    return Done()


def put_back_restored(context: StepContext) -> Outcome:
    """After a restore that did not succeed, run what ran before; data that could not be put back stays closed."""
    if ENDING_KEY not in context.data:
        return Done()
    data_is_back = is_done(context, undo_restore)
    if find_failed(context, StepPhase.ROLLBACK) is not None and not data_is_back:
        context.log("web and cron stay stopped: the data may be neither the old nor the new")
        keep_closed(context)
        return Done()
    return put_back(context)


def settle_restore(context: StepContext) -> Outcome:
    """Close what was left open, and say what became of the data when the restore had begun to change it."""
    outcome = settle(context)
    failed, undone = find_failed(context, StepPhase.MAIN), find_failed(context, StepPhase.ROLLBACK)
    reason = failed or undone
    if reason is not None and has_begun(context, restore):
        code = "restore_rolled_back" if undone is None else "restore_rollback_failed"
        if undone is not None and undone.error_code == "restore_without_way_back":
            code = undone.error_code
        params = _describe_failure(context, reason)
        context.data[ERROR_KEY] = {"code": code, "params": params}
    return outcome


def run_restore(
    context: StepContext,
    backup: Backup,
    *,
    scope: str,
    database: str,
    clone: bool,
    part: Mapping[str, str] | None = None,
    set_of: str = "",
) -> Outcome:
    """Run the restore program on the instance, whose database server alone runs; Done tells what was put back.
    `set_of`: the instance on whose volume the set is; the one that it is of unless given."""
    status = run_step_program(
        context,
        spec=context.make_spec(DATABASE_ONLY),
        program=JobProgram.RESTORE,
        deadline_seconds=compute_run_seconds(context, settings.RESTORE_TIMEOUT_SECONDS),
        environment={
            "BACKUP_ID": backup.backup_id,
            "SCOPE": scope,
            "DATABASE": database,
            "CLONE": "1" if clone else "0",
            **(part or {}),
        },
        set_of=set_of or backup.instance.identifier,
    )
    if isinstance(status, Wait):
        return status
    result = status.result or {}
    return Done(
        result={
            "backup_id": backup.backup_id,
            "source": backup.instance.identifier,
            "scope": scope,
            "database": database,
            "clone": clone,
            # Whatever was changed after that instant is not in the instance any more, but in the safety backup.
            "data_of": backup.started_at.isoformat(),
            "safety_backup_id": context.data.get(SAFETY_KEY),
            "warnings": list(result.get("warnings") or []),
        }
    )


def _set_flags(instance: Instance, flags: dict[str, bool]) -> None:
    Instance.objects.filter(pk=instance.pk).update(**flags)
    for name, value in flags.items():
        setattr(instance, name, value)


def _describe_failure(context: StepContext, step: OperationStep) -> dict[str, Any]:
    """Return the parameters of the restore's own error: which backups, and what went wrong first."""
    return {
        "instance": context.instance.identifier,
        "operation": context.operation.public_id,
        "backup_id": context.parameters["backup_id"],
        "safety_backup_id": context.data.get(SAFETY_KEY, ""),
        **describe_step_failure(step),
    }
