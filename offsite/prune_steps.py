"""Steps of a removal of copies: one after the other, each noted; what one destination refuses stops no other."""

from typing import Any

from backups.policies import find_policy
from domain.errors import CiviparoisseError
from offsite.models import BackupCopy, CopyState
from offsite.prune_parameters import EVERYTHING, find_copies, name_copy
from offsite.removal import remove_copy, remove_left_parts
from offsite.retention import decide_copies
from operations.outcomes import Done, Outcome, StepContext, Wait

# In the step's data: the names of those that were dealt with, and what came of them.
DONE_KEY, FREED_KEY, HELD_KEY, HIDDEN_KEY, KEPT_KEY = "done", "freed", "held", "hidden", "kept"


def remove_copies(context: StepContext) -> Outcome:
    """Remove one copy a call, so that no worker is held for long. Raise CiviparoisseError `copies_not_removed` once all
    were tried and a destination did not do it: then those are asked again."""
    wanted: list[str] = context.parameters["copies"]
    data = context.step_data
    for key, empty in ((DONE_KEY, []), (FREED_KEY, 0), (HELD_KEY, {}), (HIDDEN_KEY, 0), (KEPT_KEY, [])):
        data.setdefault(key, empty)
    failed: list[str] = data.setdefault("failed", [])
    left = [name for name in wanted if name not in data[DONE_KEY] and name not in failed]
    if not left:
        data["failed"] = []
        if failed:
            raise CiviparoisseError(
                "copies_not_removed",
                retryable=True,
                instance=context.instance.identifier,
                count=len(failed),
                first=failed[0],
            )
        return Done()
    name = left[0]
    try:
        for copy in find_copies(context.instance, [name]):
            _remove(context, copy)
    except CiviparoisseError as error:
        context.log(f"{name}: {error}")
        failed.append(name)
    else:
        data[DONE_KEY].append(name)
    return Wait(seconds=0, message=name, progress=100 * (len(wanted) - len(left) + 1) // len(wanted))


def prove_copies_gone(context: StepContext) -> Outcome:
    """Tell what is gone, what a lock holds and until when, and what stays since it came to be needed."""
    copies = find_copies(context.instance, context.parameters["copies"])
    told: dict[str, Any] = next(step.data for step in context.operation.steps.all() if step.name == "remove_copies")
    gone = [copy for copy in copies if copy.state == CopyState.GONE]
    return Done(
        result={
            "removed_copies": len(gone),
            "freed_bytes": told.get(FREED_KEY, 0),
            "held_until": told.get(HELD_KEY, {}),
            "hidden_objects": told.get(HIDDEN_KEY, 0),
            "kept": told.get(KEPT_KEY, []),
        }
    )


def _remove(context: StepContext, copy: BackupCopy) -> None:
    name, data = name_copy(copy), context.step_data
    if copy.left_names:
        remove_left_parts(copy, now=context.now)
    if copy.state == CopyState.GONE:
        return
    if not context.parameters[EVERYTHING] and not _may_still_go(context, copy):
        data[KEPT_KEY].append(name)
        return
    removal = remove_copy(copy, now=context.now)
    if removal.held_until is not None:
        data[HELD_KEY][name] = removal.held_until.isoformat(timespec="seconds")
        context.log(f"{name}: held until {data[HELD_KEY][name]}")
    data[FREED_KEY] += removal.freed_bytes
    data[HIDDEN_KEY] += removal.hidden_objects


def _may_still_go(context: StepContext, copy: BackupCopy) -> bool:
    """Look again: since this was asked, a newer copy may have been found damaged, or the set pinned."""
    rule = find_policy(context.instance).make_rule()
    fates = decide_copies(context.instance, rule, now=context.now)
    return any(fate.copy.pk == copy.pk and not fate.decision.keep for fate in fates)
