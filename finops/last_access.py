"""When somebody last asked for an instance's page. Known on the local engine only: elsewhere it is no data, not never.

Apache's log is touched by every request, the manager's own after an operation too: the time is never earlier than the
last visit, so an instance is never called idle too soon.
"""

from datetime import UTC, datetime

from django.conf import settings

LOCAL = "local"


def find_last_access(engine: str, identifier: str) -> datetime | None:
    """Return the time of the last request, None where nobody counts or there was none."""
    if engine != LOCAL:
        return None
    log = settings.LOCAL_ENGINE_ROOT / "instances" / identifier / "log" / "access.log"
    try:
        return datetime.fromtimestamp(log.stat().st_mtime, tz=UTC)
    except FileNotFoundError:
        return None
