"""Runs an operation: claim, next step, record, next. The rows are the truth; this may die at any instruction.

Every write is fenced by the lease (claims.py), no transaction is open while a step works, and a step is recorded
before the next one starts.
"""

import json
import logging
import random
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from domain.errors import CiviparoisseError
from domain.log_context import add, bind
from domain.specs import Component, InstanceSpec
from domain.states import StepPhase, StepState
from engine.registry import get_engine
from operations.claims import Clock, Lease, LeaseLost, claim, fenced, release
from operations.declarations import StepDefinition
from operations.endings import finish_operation
from operations.heartbeat import keep_alive
from operations.hooks import prepare_change, tell_step
from operations.journal import record_event
from operations.losses import is_made
from operations.models import Operation, OperationStep
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.patience import compute_end, note_wait
from operations.progression import (
    ENDING_KEY,
    Decision,
    Ending,
    Finish,
    RunStep,
    SkipStep,
    StopMain,
    compute_progress,
    compute_retry_delay,
    select_next,
)
from operations.registry import get_kind
from operations.steps.volumes import correct_sizes
from operations.subjects import get_subject
from tenants.models import Instance
from tenants.specs import make_instance_spec

log = logging.getLogger("operations")
_jitter = random.Random()

# In the step's data. How often runs may die in one step before it is the step that is to blame (memory, a crash of
# the interpreter) and not the machine.
RUN_KEY, LOST_RUNS_KEY = "_run", "_lost_runs"
MOST_LOST_RUNS = 20
# Nobody answered, so nothing was tried: no attempt is used up, the step's own deadline bounds it. An API server that
# restarts is away for longer than a step's attempts last.
ACCOUNT_REFUSED = "cluster_account_refused"
UNANSWERED = frozenset({"cluster_unreachable", ACCOUNT_REFUSED})
# What puts things back waits so long for a person who gives the cluster a new kubeconfig.
ACCOUNT_SECONDS = 86_400


def run_operation(public_id: str, *, clock: Clock = timezone.now) -> datetime | None:
    """Run the operation as far as it goes now. Return when it wants to be run again; None when it ended, when it
    was not ours to run, or when the lease was lost (the sweep finds it then)."""
    lease = claim(public_id, now=clock())
    if lease is None:
        return None
    try:
        with bind(operation=public_id), keep_alive(lease, clock=clock):
            return _Run(lease, clock).run_until_pause()
    except LeaseLost:
        log.warning("%s: the lease was lost, another run continues", public_id)
        return None
    except (KeyboardInterrupt, SystemExit):
        # Somebody stops this process: others need not wait for the lease to expire.
        release(lease, now=clock(), next_run_at=clock())
        raise


def perform(definition: StepDefinition, context: StepContext) -> Outcome:
    """Do the step's work, between two records."""
    return definition.function(context)


class _Run:
    """One run of one operation under one lease."""

    def __init__(self, lease: Lease, clock: Clock) -> None:
        self.lease, self.clock = lease, clock
        self.operation = Operation.objects.get(pk=lease.operation_id)
        add(instance=self.operation.subject)
        self.kind = get_kind(self.operation.kind)
        self.definitions = {step.name: step for step in self.kind.steps}
        self.poll_seconds = 0.0

    def run_until_pause(self) -> datetime | None:
        """Take steps until one waits or all are settled; return when to run again, None when ended."""
        while True:
            # Fresh rows each time: a cancel may have been asked meanwhile.
            self.operation = Operation.objects.select_related("instance").get(pk=self.lease.operation_id)
            self.steps = list(self.operation.steps.order_by("position"))
            decision = self._decide()
            if isinstance(decision, Finish):
                if self.operation.instance is not None:
                    prepare_change(self.operation.instance)
                with fenced(self.lease, now=self.clock()):
                    finish_operation(self.operation, self.steps, finish=decision, now=self.clock())
                return None
            if isinstance(decision, RunStep):
                next_run_at = self._run_step(decision.step)
                if next_run_at is not None:
                    return next_run_at
            else:
                self._record_decision(decision)

    def _decide(self) -> Decision:
        ending = self.operation.data.get(ENDING_KEY)
        return select_next(
            self.steps,
            definitions=self.definitions,
            flags={**self.operation.parameters, **self.operation.data},
            ending=Ending(ending) if ending else None,
            cancel_requested=self.operation.cancel_requested,
        )

    def _record_decision(self, decision: SkipStep | StopMain) -> None:
        with fenced(self.lease, now=self.clock()):
            if isinstance(decision, SkipStep):
                decision.step.state = StepState.SKIPPED.value
                decision.step.save(update_fields=["state"])
            else:
                self.operation.data[ENDING_KEY] = decision.ending.value
                self.operation.save(update_fields=["data"])
                record_event(self.operation, f"no further step: {decision.ending.value}", level="warning")

    def _run_step(self, step: OperationStep) -> datetime | None:
        definition = self.definitions[step.name]
        self._begin(step)
        try:
            self._check_lost_runs(step)
            outcome = self._execute(step, definition)
            if isinstance(outcome, Wait):
                note_wait(step, outcome, instance=self.operation.subject, now=self.clock())
                self._check_deadline(step, definition, detail=outcome.message)
        except LeaseLost:
            raise
        except CiviparoisseError as error:
            return self._record_failure(step, error, definition=definition)
        except Exception as error:
            log.exception("%s: unexpected failure of step %s", self.lease.public_id, step.name)
            unexpected = CiviparoisseError(
                "unexpected",
                retryable=True,
                instance=self.operation.subject,
                operation=self.operation.public_id,
                exception=type(error).__name__,
            )
            return self._record_failure(step, unexpected, definition=definition)
        if isinstance(outcome, Done):
            self._record_done(step, outcome)
            return None
        return self._record_wait(step, outcome, definition=definition)

    def _begin(self, step: OperationStep) -> None:
        now = self.clock()
        if step.data.get(RUN_KEY, self.operation.attempt) != self.operation.attempt:
            step.data[LOST_RUNS_KEY] = step.data.get(LOST_RUNS_KEY, 0) + 1
        step.data[RUN_KEY] = self.operation.attempt
        with fenced(self.lease, now=now):
            if step.state == StepState.PENDING:
                step.started_at = step.started_at or now
                step.attempt += 1
                step.state = StepState.RUNNING.value
                record_event(self.operation, f"begins (attempt {step.attempt})", step=step.name)
            step.save(update_fields=["state", "started_at", "attempt", "data"])

    def _check_lost_runs(self, step: OperationStep) -> None:
        if step.data.get(LOST_RUNS_KEY, 0) >= MOST_LOST_RUNS:
            raise CiviparoisseError(
                "workers_lost", step=step.name, instance=self.operation.subject, times=step.data[LOST_RUNS_KEY]
            )

    def _execute(self, step: OperationStep, definition: StepDefinition) -> Outcome:
        subject = get_subject(self.operation, self.kind)
        if subject is None:
            raise CiviparoisseError("not_found", what="instance", name=self.operation.subject)
        engine = get_engine(subject.engine)
        self.poll_seconds = engine.poll_seconds
        if isinstance(subject, Instance) and not self.kind.reads_only:
            correct_sizes(self.operation, subject, engine)
        context = StepContext(
            operation=self.operation,
            step=step,
            subject=subject,
            engine=engine,
            now=self.clock(),
            save=lambda: self._save_data(step),
            log=lambda message: self._log(step, message),
            make_spec=lambda components: self._make_spec(context.instance, components),
        )
        return perform(definition, context)

    def _make_spec(self, instance: Instance, components: frozenset[Component]) -> InstanceSpec:
        return make_instance_spec(
            instance,
            components=components,
            backups_held=self.kind.holds_backups,
            is_made=is_made(instance, self.operation, self.kind),
        )

    def _save_data(self, step: OperationStep) -> None:
        with fenced(self.lease, now=self.clock()):
            step.save(update_fields=["data"])
            self.operation.save(update_fields=["data"])

    def _log(self, step: OperationStep, message: str) -> None:
        with fenced(self.lease, now=self.clock()):
            record_event(self.operation, message, step=step.name)

    def _check_deadline(self, step: OperationStep, definition: StepDefinition, *, detail: str) -> None:
        seconds = getattr(settings, definition.deadline_setting)
        if self.clock() >= self._compute_deadline(step, definition):
            raise CiviparoisseError(
                "deadline_exceeded", step=step.name, instance=self.operation.subject, seconds=seconds, detail=detail
            )

    def _compute_deadline(self, step: OperationStep, definition: StepDefinition) -> datetime:
        began = step.started_at or self.clock()
        seconds = getattr(settings, definition.deadline_setting)
        if step.error_code == ACCOUNT_REFUSED and definition.phase is not StepPhase.MAIN:
            seconds = max(seconds, ACCOUNT_SECONDS)
        return compute_end(step, seconds=seconds, began=began)

    def _record_done(self, step: OperationStep, outcome: Done) -> None:
        step.state = StepState.DONE.value
        step.result = outcome.result
        step.progress, step.message = 100, ""
        step.error_code, step.error_params = "", {}
        with fenced(self.lease, now=self.clock()):
            self._settle(step)
            record_event(self.operation, "done", step=step.name)
            if self.operation.instance is not None:
                tell_step(self.operation.instance, operation=self.operation, step=step.name, now=self.clock())

    def _record_wait(self, step: OperationStep, outcome: Wait, *, definition: StepDefinition) -> datetime:
        step.message = outcome.message[:255]
        if outcome.progress is not None:
            step.progress = max(0, min(100, outcome.progress))
        # Not past the deadline: it is told when it passes, not a pause later.
        seconds = self.poll_seconds if outcome.seconds is None else outcome.seconds
        wanted = self.clock() + timedelta(seconds=seconds)
        next_run_at = min(wanted, self._compute_deadline(step, definition))
        self._pause(step, next_run_at=next_run_at)
        return next_run_at

    def _record_failure(
        self, step: OperationStep, error: CiviparoisseError, *, definition: StepDefinition
    ) -> datetime | None:
        step.error_code, step.error_params = error.code, make_json_safe(error.params)
        unanswered = error.code in UNANSWERED and self.clock() < self._compute_deadline(step, definition)
        again = error.retryable and (unanswered or step.attempt < definition.max_attempts)
        words = f"{error.code} {step.error_params}"
        if again:
            next_run_at = self.clock() + timedelta(seconds=compute_retry_delay(step.attempt, jitter=_jitter))
            step.state = StepState.PENDING.value
            with fenced(self.lease, now=self.clock()):
                record_event(self.operation, f"failed, tried again later: {words}", level="warning", step=step.name)
                self._pause(step, next_run_at=next_run_at)
            return next_run_at
        step.state = StepState.FAILED.value
        with fenced(self.lease, now=self.clock()):
            self._settle(step)
            record_event(self.operation, f"failed: {words}", level="error", step=step.name)
        return None

    def _settle(self, step: OperationStep) -> None:
        step.ended_at = self.clock()
        step.save()
        self._save_operation(step)

    def _pause(self, step: OperationStep, *, next_run_at: datetime) -> None:
        with fenced(self.lease, now=self.clock()):
            step.save()
            self._save_operation(step)
            release(self.lease, now=self.clock(), next_run_at=next_run_at)

    def _save_operation(self, step: OperationStep) -> None:
        if ENDING_KEY not in self.operation.data:
            progress = compute_progress(self.steps, self.definitions)
            self.operation.progress = max(self.operation.progress, progress)
        self.operation.message = step.message
        self.operation.save(update_fields=["data", "progress", "message"])


def make_json_safe(params: dict[str, Any]) -> dict[str, Any]:
    """Return error parameters as they are stored: what JSON has no value for becomes its text."""
    safe: dict[str, Any] = json.loads(json.dumps(params, default=str))
    return safe
