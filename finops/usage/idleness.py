"""Since when nobody has used an instance: by two signals, visits and logins, each known or not. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Logs are read once a day. After a week without an answer too much may have gone with a pod or a full log.
VISITS_TRUSTED = timedelta(days=7)
# Accounts are read by every backup, which is nightly. Two weeks without one say more of the backups than of people.
LOGINS_TRUSTED = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenActivity:
    """What was seen of an instance's use, as tenants.models.Activity has it; None: never, or not known."""

    visited_at: datetime | None = None
    visits_counted_since: datetime | None = None
    visits_looked_at: datetime | None = None
    login_at: datetime | None = None
    logins_looked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleSince:
    """Since when nobody is known to have visited and to have logged in: not after these moments. None: not known."""

    visits: datetime | None = None
    logins: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """Return since when there was neither, as far as known; None when neither is."""
        return max((moment for moment in (self.visits, self.logins) if moment is not None), default=None)


def compute_idle_since(seen: SeenActivity, *, awake_since: datetime, now: datetime) -> IdleSince:
    """Return since when it is quiet. `awake_since`: when the instance was last provisioned or resumed; before, nobody
    could come. A signal that was not looked for lately is not known."""
    visits = logins = None
    if seen.visits_counted_since is not None and _is_fresh(seen.visits_looked_at, VISITS_TRUSTED, now):
        # An earlier visit than the counting began is not known to be the last.
        visits = max(seen.visited_at or awake_since, seen.visits_counted_since, awake_since)
    if _is_fresh(seen.logins_looked_at, LOGINS_TRUSTED, now):
        logins = max(seen.login_at or awake_since, awake_since)
    return IdleSince(visits=visits, logins=logins)


def _is_fresh(looked_at: datetime | None, trusted: timedelta, now: datetime) -> bool:
    return looked_at is not None and now - looked_at <= trusted
