"""Whether instances of this machine could read each other: told among the manager's own faults, never in its way."""

from datetime import datetime

from django.conf import settings

from engine.local.own_accounts import list_sharing
from operations.watch import ManagerFault


def list_account_faults(*, now: datetime) -> list[ManagerFault]:
    """Return a warning for each account that runs more than one instance of the local engine (docs/security.md)."""
    del now
    return [
        ManagerFault(
            code="shared_account",
            params={"count": len(identifiers), "account": account},
            is_critical=False,
            stops_work=False,
        )
        for account, identifiers in sorted(list_sharing(settings.LOCAL_ENGINE_ROOT).items())
    ]
