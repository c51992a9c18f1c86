"""Steps of a pruning: sets are removed one by one, each by a run of its own, and their rows say when."""

from django.conf import settings

from backups.models import Backup, BackupState
from backups.prune_parameters import refuse_in_use, refuse_kept
from backups.records import record_removed
from backups.retention import decide_for
from backups.steps import compute_run_seconds
from domain.errors import CiviparoisseError
from domain.specs import JobProgram
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.steps.programs import run_step_program
from operations.steps.servers import select_running
from programs.sets.retention import RetentionRule


def remove(context: StepContext) -> Outcome:
    """Remove the sets that were asked for, the oldest first; those that are gone already are passed over."""
    wanted: list[str] = context.parameters["backup_ids"]
    instance = context.instance
    while True:
        left = _list_left(wanted)
        if not left:
            return Done()
        backup_id = left[0]
        _refuse_kept(context, backup_id)
        refuse_in_use(instance, [backup_id])
        status = run_step_program(
            context,
            spec=context.make_spec(select_running(context.engine.observe(instance.identifier))),
            program=JobProgram.DISCARD,
            deadline_seconds=compute_run_seconds(context, settings.BACKUP_TIMEOUT_SECONDS),
            environment={"BACKUP_ID": backup_id},
        )
        if isinstance(status, Wait):
            done = 100 * (len(wanted) - len(left)) // len(wanted)
            return Wait(message=backup_id, progress=done)
        # First the next run's name, then the row: dying in between asks for this set again, never for no run.
        context.step_data["run"] += 1
        context.save()
        record_removed(backup_id, now=context.now)


def prove_removal(context: StepContext) -> Outcome:
    """Look at the volume: none of the sets is there. Raise CiviparoisseError `prune_incomplete`."""
    wanted: list[str] = context.parameters["backup_ids"]
    there = sorted(set(wanted) & set(context.engine.observe(context.instance.identifier).backup_ids))
    if there:
        raise CiviparoisseError("prune_incomplete", instance=context.instance.identifier, backup_id=there[0])
    rows = Backup.objects.filter(backup_id__in=wanted)
    freed = sum(size or 0 for size in rows.values_list("stored_bytes", flat=True))
    return Done(result={"removed_backups": len(wanted), "freed_bytes": freed})


def _list_left(wanted: list[str]) -> list[str]:
    gone = Backup.objects.filter(backup_id__in=wanted, state=BackupState.DELETED).values_list("backup_id", flat=True)
    removed = set(gone)
    return [backup_id for backup_id in wanted if backup_id not in removed]


def _refuse_kept(context: StepContext, backup_id: str) -> None:
    """Look again at what nobody may remove: since this was asked, a newer set may have been found damaged, or this one
    pinned."""
    for decision in decide_for(context.instance, RetentionRule(), now=context.now):
        if decision.held.backup_id == backup_id:
            refuse_kept(context.instance, decision)
