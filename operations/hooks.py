"""Tells higher layers what happens to instances. They are named by dotted path, since nothing here may know them.

A listener is called in the transaction of the change itself: what it writes is there exactly when the change is.
"""

from datetime import datetime

from domain.specs import JobStatus
from operations.kinds import import_dotted
from operations.models import Operation
from tenants.models import Instance

# (instance, operation, now), once an operation has begun or ended and the instance's state is written.
CHANGE_LISTENERS = ("finops.ledger.changes:record_change",)
# (instance, operation, step, now), once a step is done: what it did holds from then on, however long the rest takes.
STEP_LISTENERS = ("finops.ledger.changes:record_step",)
# (instance, program, status, now), once a run has ended; told again when the worker died before it could go on.
RUN_LISTENERS = ("finops.ledger.runs:record_run",)
# As above, for a scheduled run that the manager itself started; told exactly once.
SCHEDULED_RUN_LISTENERS = ("finops.ledger.runs:count_run",)


def tell_change(instance: Instance, *, operation: Operation, now: datetime) -> None:
    """Tell that `operation` has begun or ended on `instance`, whose state is new. Inside of that transaction."""
    for path in CHANGE_LISTENERS:
        import_dotted(path)(instance, operation=operation, now=now)


def tell_step(instance: Instance, *, operation: Operation, step: str, now: datetime) -> None:
    """Tell that the step of that name of `operation` is done. Inside of the transaction that notes it."""
    for path in STEP_LISTENERS:
        import_dotted(path)(instance, operation=operation, step=step, now=now)


def tell_run(instance: Instance, *, program: str, status: JobStatus, now: datetime) -> None:
    """Tell that a run of `program` has ended. May be told more than once for one name."""
    for path in RUN_LISTENERS:
        import_dotted(path)(instance, program=program, status=status, now=now)


def tell_scheduled_run(instance: Instance, *, program: str, status: JobStatus, now: datetime) -> None:
    """Tell that a scheduled run of `program` has ended. Inside of the transaction that notes its end."""
    for path in SCHEDULED_RUN_LISTENERS:
        import_dotted(path)(instance, program=program, status=status, now=now)
