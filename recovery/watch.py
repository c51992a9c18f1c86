"""What is wrong with the manager's own archive: no key that opens it, no place for it, or none for too long."""

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from backups.checklist import Answer
from domain.states import InstanceState
from operations.pulse import read_pulses
from operations.watch import ManagerFault
from recovery.making import ARCHIVE_PULSE, list_destinations, list_recipients
from tenants.models import Instance

# The clock asks every quarter of an hour.
LATE, TOO_LATE = timedelta(hours=2), timedelta(hours=24)


def list_archive_faults(*, now: datetime) -> list[ManagerFault]:
    """Return what stands between the manager and its archive. A manager of no instance has nothing to lose."""
    with_data = Instance.objects.exclude(state__in=[InstanceState.NEW.value, InstanceState.DELETED.value])
    if not with_data.exists():
        return []
    if not list_recipients():
        return [ManagerFault(code="archive_unsealed", params={}, is_critical=False, stops_work=False)]
    if not list_destinations():
        return [ManagerFault(code="archive_nowhere", params={}, is_critical=False, stops_work=False)]
    last = read_pulses().get(ARCHIVE_PULSE)
    if last is not None and abs(now - last) <= LATE:
        return []
    since = "-" if last is None else last.isoformat(timespec="seconds")
    is_critical = last is not None and abs(now - last) > TOO_LATE
    return [ManagerFault(code="archive_late", params={"since": since}, is_critical=is_critical, stops_work=False)]


def answer_archive(now: datetime) -> list[Answer]:
    """Answer the checklist: is the manager's own archive elsewhere, and fresh?"""
    faults = list_archive_faults(now=now)
    last = read_pulses().get(ARCHIVE_PULSE)
    written = date_format(localtime(last), "SHORT_DATETIME_FORMAT") if last else _("never")
    detail = " ".join(fault.message for fault in faults) or _("last sent on %(time)s") % {"time": written}
    question = _("Is the manager itself archived elsewhere?")
    return [Answer(code="manager_archived", question=question, is_met=not faults and last is not None, detail=detail)]
