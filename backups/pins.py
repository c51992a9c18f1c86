"""Pins: a person keeps a set, with a reason, for ever or until a day. Each is logged and kept with who did it."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backups.holders import find_remover
from backups.models import Backup, BackupState, PinEvent
from domain.errors import CiviparoisseError, InvalidValue

log = logging.getLogger("backups")

REASON_LENGTH = 200


def pin_backup(
    backup: Backup, *, reason: str, until: datetime | None = None, requested_by: str, now: datetime
) -> Backup:
    """Keep the set until `until` (None: for ever), whatever its policy; pinned again, the new words hold.

    Raise InvalidValue, or CiviparoisseError `backup_not_good` or `backup_leaving`.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LENGTH or not reason.isprintable():
        raise InvalidValue(
            field="reason", reason=_("say why, in one line of at most 200 characters."), well_formed=True
        )
    if until is not None and until <= now:
        said = _("that moment is over; give a later one, or none.")
        raise InvalidValue(field="until", reason=said, well_formed=True)
    remover = find_remover([backup.backup_id])
    if remover is not None:
        raise CiviparoisseError("backup_leaving", backup_id=backup.backup_id, operation=remover.public_id)
    values = {"pinned_at": now, "pinned_until": until, "pinned_by": requested_by[:150], "pin_reason": reason}
    with transaction.atomic():
        # Filtered on the state, so that one removed meanwhile is not promised.
        if not Backup.objects.filter(pk=backup.pk, state=BackupState.GOOD).update(**values):
            backup.refresh_from_db()
            raise CiviparoisseError("backup_not_good", backup_id=backup.backup_id, state=backup.state)
        by = requested_by[:150]
        PinEvent.objects.create(backup=backup, is_pin=True, at=now, by=by, reason=reason, until=until)
    log.info("backup %s pinned by %s until %s: %s", backup.backup_id, requested_by, until or "unpinned", reason)
    backup.refresh_from_db()
    return backup


def unpin_backup(backup: Backup, *, requested_by: str) -> Backup:
    """Let the policy decide again; a set that is not pinned stays as it is."""
    nothing = {"pinned_at": None, "pinned_until": None, "pinned_by": "", "pin_reason": ""}
    with transaction.atomic():
        was_pinned = Backup.objects.filter(pk=backup.pk, pinned_at__isnull=False).update(**nothing)
        if was_pinned:
            PinEvent.objects.create(backup=backup, is_pin=False, at=timezone.now(), by=requested_by[:150])
    if was_pinned:
        log.info("backup %s unpinned by %s", backup.backup_id, requested_by)
    backup.refresh_from_db()
    return backup
