"""The daily digest at 07:30: what stands, what the night did. With nothing to tell it comes on Mondays only."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from backups.models import Backup, BackupReason, BackupState
from domain.findings import Level
from operations.models import Operation
from watch.documents import NoticeSerializer, list_problems
from watch.models import Message, MessageKind, Problem, Recipient
from watch.notices.texts import render_lines
from watch.notices.writing import select_for
from watch.turns import take_once_since

BEGIN, END = time(7, 30), time(12, 0)
MONDAY = 0
DAY = timedelta(hours=24)


def write_digests(*, now: datetime) -> int:
    """Write today's digest to each recipient who has none yet; return how many. After noon it waits for tomorrow."""
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    if not BEGIN <= local.time() < END:
        return 0
    written = 0
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    with override(settings.LANGUAGE_CODE):
        facts: tuple[list[Problem], str] | None = None
        for recipient in Recipient.objects.filter(is_active=True, has_digest=True).order_by("pk"):
            with transaction.atomic():
                if not take_once_since(f"digest {recipient.pk}", midnight, now=now):
                    continue
                facts = facts or (list(list_problems()), describe_day(now=now))
                problems = select_for(recipient, facts[0])
                if problems or local.weekday() == MONDAY:
                    Message.objects.bulk_create([_write(recipient, problems, facts[1], now=now)])
                    written += 1
    return written


def describe_day(*, now: datetime) -> str:
    """Return one paragraph of what was done in the last 24 hours."""
    ended = Operation.objects.filter(ended_at__gt=now - DAY, ended_at__lte=now)
    kept = Backup.objects.filter(started_at__gt=now - DAY).exclude(reason=BackupReason.SAFETY)
    good, failed = kept.filter(state=BackupState.GOOD).count(), ended.filter(state="failed").count()
    return "\n".join(
        [
            _("In the last 24 hours:"),
            "- " + ngettext("%(count)s good backup", "%(count)s good backups", good) % {"count": good},
            "- " + ngettext("%(count)s operation failed", "%(count)s operations failed", failed) % {"count": failed},
        ]
    )


def _write(recipient: Recipient, problems: list[Problem], day: str, *, now: datetime) -> Message:
    critical = sum(problem.level == Level.CRITICAL.value for problem in problems)
    if problems:
        counts = {"count": len(problems), "critical": critical}
        subject = ngettext(
            "%(count)s problem stands (critical: %(critical)s)",
            "%(count)s problems stand (critical: %(critical)s)",
            len(problems),
        )
        subject %= counts
    else:
        subject = _("Nothing to do")
    return Message(
        recipient=recipient,
        kind=MessageKind.DIGEST,
        subject=subject,
        body="\n\n".join(part for part in (subject, render_lines(problems), day) if part),
        document={"standing": NoticeSerializer(problems, many=True).data},
        created_at=now,
        due_at=now,
    )
