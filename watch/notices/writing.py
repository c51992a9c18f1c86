"""Writes messages about problems that begin, stand and end: one message per recipient and round, however many.

A message and what it says of its problems are written in one transaction: nothing is told twice, nothing is forgotten.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from domain.findings import Level
from watch.documents import NoticeSerializer
from watch.models import Message, MessageKind, Problem, Recipient
from watch.notices.texts import render_lines

# What ends by itself within this is never told: a restart, a look that failed once.
PATIENCE = timedelta(minutes=2)
NAMED = 3


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell."""

    begun: list[Problem]
    standing: list[Problem]
    ended: list[Problem]

    def narrow(self, recipient: Recipient) -> "News":
        """Return what concerns `recipient`."""
        return News(*(select_for(recipient, rows) for rows in (self.begun, self.standing, self.ended)))

    def __bool__(self) -> bool:
        return bool(self.begun or self.standing or self.ended)


def select_for(recipient: Recipient, problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that `recipient` wants to be told of."""
    return [
        problem
        for problem in problems
        if (recipient.least_level != Level.CRITICAL.value or problem.level == Level.CRITICAL.value)
        and (not recipient.checks or problem.check_code in recipient.checks)
        and (not recipient.tenants or problem.tenant in recipient.tenants)
    ]


def write_news(*, now: datetime) -> int:
    """Write the messages of what has begun, ended and stands too long; return how many. What nobody wants to be told of
    counts as told."""
    with transaction.atomic(), override(settings.LANGUAGE_CODE):
        news = _collect(now=now)
        if not news:
            return 0
        messages = []
        for recipient in Recipient.objects.filter(is_active=True).order_by("pk"):
            if own := news.narrow(recipient):
                messages.append(_write(recipient, own, now=now))
        Message.objects.bulk_create(messages)
        return len(messages)


def _collect(*, now: datetime) -> News:
    """Return what is to be told, and mark it as told; the rows are locked, so that two workers tell it once."""
    open_rows = Problem.objects.filter(open_key__isnull=False)
    begun = _mark(open_rows.filter(announced_at=None, since__lte=now - PATIENCE), announced_at=now, reminded_at=now)
    standing: list[Problem] = []
    if settings.REMINDER_HOURS:
        limit = now - timedelta(hours=settings.REMINDER_HOURS)
        rows = open_rows.filter(level=Level.CRITICAL.value, reminded_at__lte=limit)
        standing = _mark(rows.exclude(acknowledged_until__gt=now), reminded_at=now)
    over = Problem.objects.filter(open_key=None, closed_at=None)
    over.filter(announced_at=None).update(closed_at=now)
    return News(begun, standing, _mark(over.filter(announced_at__isnull=False), closed_at=now))


def _mark(rows: Any, **values: datetime) -> list[Problem]:
    """Return the rows as they were, and change them. SQLite needs no lock on rows: a transaction writes alone there."""
    taken = list(rows.select_for_update() if settings.DATABASE_ENGINE != "sqlite" else rows)
    Problem.objects.filter(pk__in=[row.pk for row in taken]).update(**values)
    return taken


def _write(recipient: Recipient, news: News, *, now: datetime) -> Message:
    parts = (
        (news.begun, ngettext("%(count)s problem begins", "%(count)s problems begin", len(news.begun))),
        (
            news.standing,
            ngettext("%(count)s problem still stands", "%(count)s problems still stand", len(news.standing)),
        ),
        (news.ended, ngettext("%(count)s problem has ended", "%(count)s problems have ended", len(news.ended))),
    )
    titled = [(rows, title % {"count": len(rows)}) for rows, title in parts if rows]
    is_critical = any(row.level == Level.CRITICAL.value for row in (*news.begun, *news.standing))
    first = titled[0][0][0]
    subject = f"{', '.join(title for _rows, title in titled)} – {first.title}"
    return Message(
        recipient=recipient,
        kind=MessageKind.PROBLEMS,
        subject=(f"{_('CRITICAL')} – {subject}" if is_critical else subject)[:300],
        body="\n\n".join(f"{title}\n\n{render_lines(rows)}" for rows, title in titled),
        document={
            "begun": NoticeSerializer(news.begun, many=True).data,
            "standing": NoticeSerializer(news.standing, many=True).data,
            "ended": NoticeSerializer(news.ended, many=True).data,
        },
        created_at=now,
        due_at=now if is_critical else find_end_of_quiet(recipient, now=now),
    )


def write_to_all(
    *, kind: MessageKind, check: str, tenant: str, subject: str, body: str, document: dict[str, Any], now: datetime
) -> int:
    """Write one message to each recipient who is told of `check` and of the parish `tenant`, in the caller's
    transaction; return how many. It is no problem, so that whoever wants only what is critical gets none."""
    messages = [
        Message(
            recipient=recipient,
            kind=kind,
            subject=subject[:300],
            body=body,
            document=document,
            created_at=now,
            due_at=find_end_of_quiet(recipient, now=now),
        )
        for recipient in Recipient.objects.filter(is_active=True).order_by("pk")
        if select_for(recipient, [Problem(check_code=check, tenant=tenant, level=Level.WARNING.value)])
    ]
    Message.objects.bulk_create(messages)
    return len(messages)


def find_end_of_quiet(recipient: Recipient, *, now: datetime) -> datetime:
    """Return when `recipient` may be told of what is not critical: `now`, or the end of the quiet hours it lies in."""
    begin, end = recipient.quiet_from, recipient.quiet_until
    if begin is None or end is None or begin == end:
        return now
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    clock = local.time()
    is_quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not is_quiet:
        return now
    day = local.date() + timedelta(days=1 if clock >= end else 0)
    return datetime.combine(day, end, tzinfo=local.tzinfo)
