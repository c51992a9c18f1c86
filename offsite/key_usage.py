"""What each key opens: before a key is rotated, and to know for how long an earlier one has to be kept."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from offsite.models import BackupCopy, CopyState, ParishKey, RecoveryKey
from tenants.models import Tenant


def count_copies() -> Counter[str]:
    """Return how many copies that lie somewhere are sealed to each public key; "" for those that recorded none."""
    counts: Counter[str] = Counter()
    rows = BackupCopy.objects.exclude(state__in=[CopyState.WAITING, CopyState.COPYING, CopyState.GONE])
    for recipients in rows.values_list("recipients", flat=True).iterator():
        counts.update(recipients or [""])
    return counts


def list_keys() -> list[dict[str, Any]]:
    """Return every key that copies are sealed to, the newest first: recovery keys, then those of parishes. `seals`: it
    is the one to which new copies are sealed; `copies`: so many lie somewhere that it opens."""
    counts = count_copies()
    proven = RecoveryKey.objects.exclude(proven_at=None).first()
    keys = [
        {
            "kind": "recovery",
            "tenant": None,
            "public": row.recipient,
            "created_at": row.created_at.isoformat(timespec="seconds"),
            "proven_at": row.proven_at.isoformat(timespec="seconds") if row.proven_at else None,
            "seals": row == proven,
            "copies": counts[row.recipient],
        }
        for row in RecoveryKey.objects.all()
    ]
    newest: set[int | None] = set()
    for parish_key in ParishKey.objects.select_related("tenant"):
        keys.append(
            {
                "kind": "parish",
                "tenant": parish_key.tenant.slug if parish_key.tenant else None,
                "public": parish_key.recipient,
                "created_at": parish_key.created_at.isoformat(timespec="seconds"),
                "proven_at": None,
                "seals": parish_key.tenant_id is not None and parish_key.tenant_id not in newest,
                "copies": counts[parish_key.recipient],
            }
        )
        newest.add(parish_key.tenant_id)
    return keys


def describe_rotation(tenant: Tenant | None) -> list[str]:
    """Return in sentences what a new key of a parish, or with None a new recovery key, means for what is there."""
    counts = count_copies()
    rows = RecoveryKey.objects.exclude(proven_at=None) if tenant is None else ParishKey.objects.filter(tenant=tenant)
    count = sum(counts[recipient] for recipient in rows.values_list("recipient", flat=True))
    sentences = [_("New copies are sealed to the new key; what lies elsewhere stays as it is: nothing is sealed anew.")]
    if tenant is not None:
        text = ngettext(
            "%(count)s copy stays readable by the earlier keys, which the manager keeps.",
            "%(count)s copies stay readable by the earlier keys, which the manager keeps.",
            count,
        )
    else:
        text = ngettext(
            "%(count)s copy opens with the paper of the earlier key alone: keep it until that copy is gone.",
            "%(count)s copies open with the paper of the earlier keys alone: keep those until these copies are gone.",
            count,
        )
    return [*sentences, *([text % {"count": count}] if count else [])]
