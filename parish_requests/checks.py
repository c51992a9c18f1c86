"""What is wrong with requests of parishes: nobody answers, one ends unanswered soon, mails to contacts do not arrive.

Added to what watch looks at (watch.catalogue.add_source), and so shown on the first page and told to who is told.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from domain.findings import Level
from domain.parish_requests import RequestState
from parish_requests.models import ContactMail, ParishContact, RestoreRequest
from watch.catalogue import Source
from watch.checks.shapes import Alert, Example

WAITING, ENDING, UNDELIVERED, DOORLESS = "request_waiting", "request_ending", "contact_mail_late", "door_unreachable"
CHECKS = {
    WAITING: gettext_lazy("Requests of parishes that nobody answers"),
    ENDING: gettext_lazy("Requests of parishes that end unanswered soon"),
    UNDELIVERED: gettext_lazy("Mails to contacts that do not arrive"),
    DOORLESS: gettext_lazy("Mails to contacts cannot leave, or lack their links"),
}
WAITED, ENDS_WITHIN = timedelta(hours=24), timedelta(hours=24)
# Several tries have failed by then; what was given up is told of for a week.
LATE, TOLD_FOR = timedelta(hours=1), timedelta(days=7)
NAMED = 3


def list_request_alerts(*, now: datetime) -> Iterator[Alert]:
    """Give what is wrong at the door of parishes."""
    waiting = RestoreRequest.objects.filter(state=RequestState.SUBMITTED.value).order_by("expires_at", "pk")
    ending = Q(expires_at__lte=now + ENDS_WITHIN)
    rows = waiting.filter(ending)
    count = rows.count()
    if count:
        title = ngettext(
            "%(count)s request of a parish ends unanswered soon",
            "%(count)s requests of parishes end unanswered soon",
            count,
        )
        yield _make_alert(ENDING, Level.CRITICAL, title, rows, count)
    rows = waiting.exclude(ending).filter(submitted_at__lte=now - WAITED)
    count = rows.count()
    if count:
        title = ngettext(
            "%(count)s request of a parish has waited for an answer for a day",
            "%(count)s requests of parishes have waited for an answer for a day",
            count,
        )
        yield _make_alert(WAITING, Level.WARNING, title, rows, count)
    yield from _find_undelivered(now=now)
    yield from _find_doorless()


def _make_alert(code: str, level: Level, title: str, rows: QuerySet[RestoreRequest], count: int) -> Alert:
    shown = rows.select_related("tenant")[:NAMED]
    tenants = dict(rows.values_list("reference", "tenant__slug"))
    return Alert(
        code=code,
        subjects=tuple(tenants),
        level=level,
        title=title % {"count": count},
        count=count,
        link=reverse("admin:parish_requests_restorerequest_changelist"),
        hint=_("Approve it, ask back, or refuse it with a reason: unanswered it ends by itself."),
        examples=tuple(
            Example(
                name=f"{row.tenant.name} – {row.reference}",
                link=reverse("admin:parish_requests_restorerequest_change", args=[row.pk]),
            )
            for row in shown
        ),
        tenants=tenants,
    )


def _find_undelivered(*, now: datetime) -> Iterator[Alert]:
    """Give an alert of mails that failed for an hour, or were given up. Links to sign in, which last less than an hour,
    are not missed: they are asked for again."""
    is_late = Q(sent_at=None, given_up_at=None, tries__gt=0, created_at__lte=now - LATE)
    is_missed = Q(given_up_at__gt=now - TOLD_FOR, useful_until__gt=F("created_at") + LATE)
    rows = ContactMail.objects.filter(is_late | is_missed)
    # Whoever is no contact any more is nobody's problem.
    known = ParishContact.objects.filter(mail__in=rows.values("address"))
    tenants = dict(known.values_list("mail", "tenant__slug").order_by("mail", "-tenant_id"))
    if tenants:
        title = ngettext(
            "Mails to %(count)s contact of a parish do not arrive",
            "Mails to %(count)s contacts of parishes do not arrive",
            len(tenants),
        )
        yield Alert(
            code=UNDELIVERED,
            subjects=tuple(tenants),
            level=Level.WARNING,
            title=title % {"count": len(tenants)},
            count=len(tenants),
            link=reverse("admin:parish_requests_parishcontact_changelist"),
            hint=_("Telephone them, and correct their addresses; look at the settings of mail too (docs/watch.md)."),
            tenants=tenants,
        )


def _find_doorless() -> Iterator[Alert]:
    missing = [
        name
        for name, value in (
            ("CIVIPAROISSE_MAIL_HOST", settings.EMAIL_HOST),
            ("CIVIPAROISSE_PUBLIC_URL", settings.PUBLIC_URL),
        )
        if not value
    ]
    if missing and ParishContact.objects.exists():
        yield Alert(
            code=DOORLESS,
            level=Level.WARNING,
            title=_("Contacts of parishes cannot come in: mails to them cannot leave, or lack their links"),
            count=1,
            link=reverse("admin:parish_requests_parishcontact_changelist"),
            hint=_("Set %(names)s (docs/watch.md).") % {"names": ", ".join(missing)},
        )


SOURCE = Source(
    name="requests",
    permission="parish_requests.view_restorerequest",
    checks=CHECKS,
    find=list_request_alerts,
)
