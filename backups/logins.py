"""When somebody last logged in to an instance: what its backups tell, beside the set."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from tenants.models import Activity, Instance


def record_logins(instance: Instance, result: Mapping[str, Any], *, now: datetime) -> None:
    """Note what the result of a backup that ended at `now` says of logins, if it does. May be repeated, in any order: a
    login is never replaced by an earlier one, as those of a restored database are."""
    told = result.get("logins")
    if not isinstance(told, Mapping) or "last_at" not in told:
        return
    try:
        last_at = None if told["last_at"] is None else datetime.fromisoformat(told["last_at"])
        login_at = None if last_at is None else min(last_at, now)
    except (TypeError, ValueError):
        return
    Activity.objects.get_or_create(instance=instance)
    row = Activity.objects.filter(instance=instance)
    row.filter(Q(logins_looked_at=None) | Q(logins_looked_at__lt=now)).update(logins_looked_at=now)
    if login_at is not None:
        row.filter(Q(login_at=None) | Q(login_at__lt=login_at)).update(login_at=login_at)
