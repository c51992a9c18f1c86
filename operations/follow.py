"""Watches one operation until it has ended, and works on it when no worker does."""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TextIO

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from domain.states import ENDED_OPERATION_STATES, StepPhase, StepState
from domain.words import word_progress
from operations.claims import select_due
from operations.models import Operation
from operations.runner import run_operation
from operations.selectors import get_step_label

POLL_SECONDS = 0.2
# How long a due operation is left to the workers before this process takes it.
PATIENCE_SECONDS = 0.5
# A wait that is longer than this is not sat out.
LONGEST_WAIT_SECONDS = 3600

Report = Callable[[Operation, str], None]


def follow_operation(operation: Operation, *, stdout: TextIO, quiet: bool = False) -> Operation:
    """Return the operation once it has ended, showing on `stdout` how far it is (nothing when `quiet`); or once it
    waits for longer than anybody sits before a screen (the time to undo a deletion).

    While it is due and nobody has claimed it, this process works on it, so that commands need no running worker;
    the claim makes sure that only one does. Bounded by the steps' own deadlines. KeyboardInterrupt leaves it to the
    workers.
    """
    with _make_report(stdout, quiet=quiet) as report:
        while True:
            operation.refresh_from_db()
            report(operation, _describe_current_step(operation))
            if operation.state in ENDED_OPERATION_STATES or _waits_long(operation):
                return operation
            work_if_nobody_does(operation)
            time.sleep(POLL_SECONDS)


def _waits_long(operation: Operation) -> bool:
    due = operation.next_run_at
    return due is not None and due - timezone.now() > timedelta(seconds=LONGEST_WAIT_SECONDS)


def work_if_nobody_does(operation: Operation) -> None:
    """Take an operation that is due and that nobody has claimed; nothing otherwise."""
    now = timezone.now()
    due = operation.next_run_at or operation.lease_until or operation.created_at
    if (now - due).total_seconds() >= PATIENCE_SECONDS and select_due(now).filter(pk=operation.pk).exists():
        run_operation(operation.public_id, clock=timezone.now)


def _describe_current_step(operation: Operation) -> str:
    steps = list(operation.steps.order_by("position"))
    current = next((step for step in steps if step.state == StepState.RUNNING), None)
    ahead = [step for step in steps if step.state == StepState.PENDING and step.phase != StepPhase.ROLLBACK]
    current = current or next(iter(ahead), None)
    if current is None:
        return ""
    label = get_step_label(operation, current)
    return f"{label} - {word_progress(current.message)}" if current.message else label


@contextlib.contextmanager
def _make_report(stdout: TextIO, *, quiet: bool) -> Iterator[Report]:
    """Yield a function that shows an operation: a bar on a terminal, a line per change elsewhere."""
    if quiet:
        yield lambda _operation, _text: None
    elif stdout.isatty():
        with _show_bar(stdout) as report:
            yield report
    else:
        shown: list[str] = []

        def write_line(operation: Operation, text: str) -> None:
            line = f"{operation.public_id} {operation.progress:3d}% {operation.get_state_display()} {text}".rstrip()
            if line not in shown[-1:]:
                shown.append(line)
                stdout.write(line + "\n")
                stdout.flush()

        yield write_line


@contextlib.contextmanager
def _show_bar(stdout: TextIO) -> Iterator[Report]:
    columns = (
        TextColumn("{task.percentage:3.0f}%"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(file=stdout)) as progress:
        bar = progress.add_task(_("queued"), total=100)

        def move_bar(operation: Operation, text: str) -> None:
            # Console markup would read brackets in an engine's message as styles.
            words = (text or operation.get_state_display()).replace("[", "(").replace("]", ")")
            progress.update(bar, completed=operation.progress, description=words)

        yield move_bar
