"""How long a step may still wait: its deadline begins anew with each progress of the servers, lasts longer while an
image is pulled or a volume attached, and ends soon where waiting cannot help."""

from datetime import datetime, timedelta

from django.conf import settings

from domain.errors import CiviparoisseError
from operations.models import OperationStep
from operations.outcomes import Wait

# In a step's data: how far servers were at most, since when, whether what goes on takes its time; since when there is
# no hope.
REACHED_KEY, REACHED_AT_KEY, PREPARING_KEY, HOPELESS_KEY = "reached", "reached_at", "is_preparing", "hopeless_since"
# An object that is applied a moment later ends what looked hopeless.
HOPELESS_SECONDS = 20


def note_wait(step: OperationStep, outcome: Wait, *, instance: str, now: datetime) -> None:
    """Remember on the step how far its servers are. Raise CiviparoisseError `start_impossible` once it has been without
    hope for a while, with the reason."""
    if outcome.reached > step.data.get(REACHED_KEY, 0):
        step.data[REACHED_KEY], step.data[REACHED_AT_KEY] = outcome.reached, now.isoformat()
    step.data[PREPARING_KEY] = outcome.is_preparing
    if not outcome.is_hopeless:
        step.data.pop(HOPELESS_KEY, None)
        return
    since = datetime.fromisoformat(step.data.setdefault(HOPELESS_KEY, now.isoformat()))
    if now - since >= timedelta(seconds=HOPELESS_SECONDS):
        raise CiviparoisseError("start_impossible", instance=instance, detail=outcome.message)


def compute_end(step: OperationStep, *, seconds: int, began: datetime) -> datetime:
    """Return when a step that may wait `seconds` without any progress has waited for too long."""
    reached_at = step.data.get(REACHED_AT_KEY)
    if reached_at is None:
        return began + timedelta(seconds=seconds)
    since = max(began, datetime.fromisoformat(reached_at))
    if step.data.get(PREPARING_KEY):
        seconds = max(seconds, settings.PREPARE_TIMEOUT_SECONDS)
    return since + timedelta(seconds=seconds)
