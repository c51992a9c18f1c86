"""How an instance's backups are made where its engine starts them by itself. No behaviour."""

from dataclasses import dataclass

from domain.schedules import EVERY_NIGHT, BackupSchedule

# An API server drops an empty value of a variable, and would differ from what was sent.
NO_RETENTION = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupTerms:
    """How an instance's backups are made where its engine starts them by itself: when, what, how, and what is kept.

    `retention`: the rule and what the manager knows of single sets, as programs.sets.told_retention writes it; "" where
    nothing may be removed. `by_manager`: the engine starts none, the manager asks for each (the site is stopped for
    it).
    """

    schedule: BackupSchedule = EVERY_NIGHT
    scope: str = "full"
    codec: str = "gzip"
    retention: str = ""
    by_manager: bool = False
