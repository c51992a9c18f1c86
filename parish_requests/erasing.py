"""Personal data of those who ask is erased some time after a request has ended; its record stays verifiable.

Erased are names, addresses and network addresses of the parish's people, what they and UEPAL wrote to each other, names
of files, and the mails. Kept are reference, states, moments, figures, and which accounts of UEPAL decided.
"""

import calendar
import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from domain.parish_requests import ENDED_STATES
from parish_requests.actors import MANAGER
from parish_requests.models import ContactMail, RequestEvent, RestoreRequest
from parish_requests.record import ERASED, erase_personal, record_event

log = logging.getLogger("parish_requests")

_ENDED = [state.value for state in ENDED_STATES]
AT_ONCE = 200
EMPTY = {
    "asked_by": None,
    "asked_name": "",
    "asked_mail": "",
    "channel": "",
    "why": "",
    "part": "",
    "refusal": "",
    "recipient": "",
    "one_time_recipient": "",
    "satisfied_why": "",
}


def list_due(*, now: datetime, months: int | None = None) -> QuerySet[RestoreRequest]:
    """Return the requests that ended more than `months` ago (the setting when None) and still hold personal data, the
    oldest first."""
    before = subtract_months(now, settings.REQUESTS_ERASED_AFTER_MONTHS if months is None else months)
    newest = RequestEvent.objects.filter(request=OuterRef("pk")).order_by("-number").values("what")[:1]
    rows = RestoreRequest.objects.filter(state__in=_ENDED, ended_at__lte=before).annotate(newest=Subquery(newest))
    # Said or mailed after it was erased (a rating, say), it is due again.
    return rows.exclude(newest=ERASED).order_by("ended_at", "pk")


def erase_old(*, now: datetime, months: int | None = None) -> int:
    """Erase the personal data of what is due, one request after the other, and return how many."""
    count = 0
    for request in list_due(now=now, months=months)[:AT_ONCE]:
        count += erase_request(request, now=now)
    return count


def erase_request(request: RestoreRequest, *, now: datetime) -> bool:
    """Erase the personal data of one ended request, and note that on its record. False: it has not ended."""
    with transaction.atomic():
        held = RestoreRequest.objects.select_for_update().get(pk=request.pk)
        if held.state not in _ENDED:
            return False
        for event in RequestEvent.objects.filter(request=held).order_by("number"):
            erase_personal(event)
        ContactMail.objects.filter(request=held).delete()
        RestoreRequest.objects.filter(pk=held.pk).update(**EMPTY)
        record_event(held, actor=MANAGER, what=ERASED, now=now)
    log.info("personal data of request %s erased", request.reference)
    return True


def subtract_months(moment: datetime, months: int) -> datetime:
    """Return the same day and time so many months before; the last day of a month that is shorter."""
    place = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(place, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
