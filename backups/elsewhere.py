"""Sets that are no longer on their volume, and may be somewhere else: a higher layer knows where, and brings them."""

from collections.abc import Callable

from backups.models import Backup
from operations.outcomes import Done, Outcome, StepContext

# (step's context, backup) -> Done once the set is on its volume again, Wait until then.
# In the step's data, while a run that brings the set is at work: its number.
BRINGING_KEY = "bringing"
Bring = Callable[[StepContext, Backup], Outcome]
IsElsewhere = Callable[[Backup], bool]

_places: list[tuple[Bring, IsElsewhere]] = []


def register_elsewhere(bring: Bring, is_elsewhere: IsElsewhere) -> None:
    """Have sets brought by `bring` where `is_elsewhere` says that they can be. Called once by the app that knows."""
    if (bring, is_elsewhere) not in _places:
        _places.append((bring, is_elsewhere))


def is_elsewhere(backup: Backup) -> bool:
    """Return whether a set that may be gone from its volume can be brought back from another place."""
    return any(can(backup) for _bring, can in _places)


def bring_back(context: StepContext, backup: Backup, *, is_here: bool) -> Outcome | None:
    """Bring a set back to its volume, and see the run that brought it to its end; None when no place has it.
    `is_here`: it is on its volume now."""
    for bring, can in _places:
        if BRINGING_KEY in context.step_data or (not is_here and can(backup)):
            return bring(context, backup)
    return Done() if is_here else None
