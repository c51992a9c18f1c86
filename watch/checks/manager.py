"""Alerts about the manager itself: a silent clock, silent workers, full disks, its own archive, messages that wait.

A round looks (`list_manager_alerts`, which writes probes); pages show what it saw (`list_seen_alerts`).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from domain.findings import Level
from operations.pulse import read_pulses
from operations.watch import ManagerFault, find_silences, list_manager_faults
from watch.checks.shapes import Alert
from watch.models import Look, Message, Problem

CHECKS = {
    "manager_fault": gettext_lazy("The manager itself"),
    "messages_waiting": gettext_lazy("Messages that do not arrive"),
}
# Several tries have failed by then (notices/delivery.py).
LATE = timedelta(hours=1)


def list_manager_alerts(*, now: datetime) -> Iterator[Alert]:
    """Give what is wrong with the manager: its faults, then messages that nobody received."""
    for fault in list_manager_faults(now=now):
        yield _make_alert(fault)
    late = Message.objects.filter(sent_at=None, given_up_at=None, recipient__is_active=True)
    late = late.filter(due_at__lt=now - LATE, tries__gt=0)
    names = sorted(set(late.values_list("recipient__name", flat=True)))
    if names:
        title = ngettext(
            "Messages to %(count)s recipient do not arrive",
            "Messages to %(count)s recipients do not arrive",
            len(names),
        )
        yield Alert(
            code="messages_waiting",
            subjects=tuple(names),
            level=Level.WARNING,
            title=title % {"count": len(names)},
            count=len(names),
            link=reverse("admin:watch_message_changelist"),
            hint=_("Look at the last error of the message, and at the settings of mail."),
        )


def list_seen_alerts(*, now: datetime) -> Iterator[Alert]:
    """Give what the last round saw, and a silence, which no round can see. Writes nothing."""
    # Before the first round ever nothing was started yet: that is no silence.
    silences = find_silences(read_pulses(), now=now) if Look.objects.exists() else []
    for fault in silences:
        yield _make_alert(fault)
    told = {fault.code for fault in silences}
    for problem in Problem.objects.filter(open_key__isnull=False, check_code__in=[*CHECKS]).exclude(subject__in=told):
        yield Alert(
            code=problem.check_code,
            subjects=(problem.subject,),
            level=Level(problem.level),
            title=problem.title,
            count=1,
            link=problem.link,
            hint=problem.hint,
            since=problem.since,
        )


def _make_alert(fault: ManagerFault) -> Alert:
    return Alert(
        code="manager_fault",
        subjects=(fault.code,),
        level=Level.CRITICAL if fault.is_critical else Level.WARNING,
        title=fault.message,
        count=1,
        link=reverse("admin:index"),
        hint=fault.hint,
    )
