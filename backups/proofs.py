"""Reports of proofs: what one found about its set, written down, and what it makes of the set."""

from collections.abc import Mapping
from typing import Any

from backups.models import Backup, ProofOutcome, ProofReport
from backups.proof_sources import VOLUME, note_away
from backups.proof_steps import (
    FIGURES_KEY,
    compute_times,
    fetch,
    get_set,
    get_source,
    judge,
    read_page,
    restore,
    start_site,
)
from domain.states import StepPhase
from operations.endings import ERROR_KEY
from operations.outcomes import Done, Outcome, StepContext
from operations.progression import ENDING_KEY
from operations.steps.failures import describe_step_failure, find_failed, find_step, select_cause

# What a program says when it could not judge the set: anything else that it says is the set's fault.
NOT_OF_THE_SET = frozenset(
    {
        "answer_cut",
        "database_refused",
        "database_unreachable",
        "deadline_exceeded",
        "environment_invalid",
        "exited",
        "extract_failed",
        "hidden_routine",
        "io_failed",
        "missing_privilege",
        "no_space",
        "nobody_came",
        "program_missing",
        "restore_busy",
        "sender_refused",
        "sender_unreachable",
        "stage_failed",
        "stopped",
        "stream_cut",
        "unexpected",
        "unknown",
    }
)
# What a fetch says of a copy that is not what was sent. Anything else says only that it did not come.
OF_THE_COPY = frozenset({"copy_differs", "object_missing", "contents_invalid", "copy_untrusted", "copy_unreadable"})


def write_report(context: StepContext) -> Outcome:
    """Write what the proof found, and note on the set that it is proven, or not. Before anything is removed."""
    backup = get_set(context)
    outcome, problems = decide(context)
    figures = {**context.data.get(FIGURES_KEY, {}), **compute_times(context)}
    ProofReport.objects.update_or_create(
        operation=context.operation,
        defaults={
            "backup": backup,
            "outcome": outcome.value,
            "source": get_source(context),
            "figures": figures,
            "problems": problems,
            "ended_at": context.now,
        },
    )
    if outcome is ProofOutcome.UNDECIDED:
        return Done()
    source = get_source(context)
    if source != VOLUME:
        note_away(backup, source, outcome, now=context.now)
    # A copy that is not what was sent says nothing of the set on the volume.
    if outcome is ProofOutcome.PROVEN:
        Backup.objects.filter(pk=backup.pk).update(proven_at=context.now)
    elif source == VOLUME:
        Backup.objects.filter(pk=backup.pk).update(proven_at=None)
    if outcome is ProofOutcome.FAILED:
        failed = find_failed(context, StepPhase.MAIN)
        cause = describe_step_failure(failed) if failed is not None else {}
        params = {"instance": context.instance.identifier, "backup_id": backup.backup_id, **cause}
        code = "proof_failed" if source == VOLUME else "proof_of_copy_failed"
        context.data[ERROR_KEY] = {"code": code, "params": {**params, "place": source}}
    return Done()


def decide(context: StepContext) -> tuple[ProofOutcome, list[dict[str, Any]]]:
    """Return what the proof says of its set, and what was wrong."""
    failed = find_failed(context, StepPhase.MAIN)
    if failed is None:
        if ENDING_KEY not in context.data:
            return ProofOutcome.PROVEN, []
        cancelled = {"operation": context.operation.public_id, "instance": context.instance.identifier}
        return ProofOutcome.UNDECIDED, [{"code": "operation_cancelled", "params": cancelled}]
    problem = {"code": failed.error_code, "params": failed.error_params}
    steps = [find_step(context, function) for function in (restore, judge, start_site, read_page)]
    pages = [find_step(context, function) for function in (start_site, read_page)]
    if failed in pages and failed.error_code == "deadline_exceeded":
        return ProofOutcome.FAILED, [problem]
    if failed == find_step(context, fetch):
        is_set = is_of_the_copy(failed.error_code, failed.error_params)
    else:
        is_set = failed in steps and is_of_the_set(failed.error_code, failed.error_params)
    return ProofOutcome.FAILED if is_set else ProofOutcome.UNDECIDED, [problem]


def is_of_the_set(code: str, params: Mapping[str, Any]) -> bool:
    """Return whether an error says that the set cannot be restored, and not that it could not be tried."""
    if code == "proof_counts_differ":
        return True
    return code == "program_failed" and select_cause(code, params)["cause"] not in NOT_OF_THE_SET


def is_of_the_copy(code: str, params: Mapping[str, Any]) -> bool:
    """Return whether a fetch's error says that the copy is not what was sent, and not that the place did not answer."""
    return code in OF_THE_COPY or (code in ("copy_failed", "program_failed") and params.get("code") in OF_THE_COPY)
