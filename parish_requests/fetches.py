"""Their data as a file: an approved download is offered to its asker alone, for seven days and three fetches at most.

The file is sealed while it is sent (offsite.downloads), to the asker's own key or to one that is made for it and shown
once. Each fetch is on the record before its first byte, with how it ended after.
"""

import logging
from collections.abc import Generator
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from domain.errors import CiviparoisseError
from domain.parish_requests import FETCHED, Move, RequestState
from offsite.downloads import LONGEST, begin_download, make_one_time_key, note_end, stream_download
from offsite.models import Download
from offsite.set_sources import is_readable
from parish_requests.actors import MANAGER, Actor
from parish_requests.models import ParishContact, RestoreRequest
from parish_requests.moves import make_state_error, move_request
from parish_requests.notices import announce_fetch
from parish_requests.pinning import pin_set
from parish_requests.record import FETCH_BEGUN, FETCH_ENDED, KEYED, WHOLE, record_event
from parish_requests.sets import refuse_gone

log = logging.getLogger("parish_requests")

OFFERED_FOR = timedelta(days=7)
MOST_FETCHES = 3
# Between two looks whether what is being sent is still offered.
LOOK_SECONDS = 5.0


def offer_data(request: RestoreRequest, *, now: datetime) -> None:
    """Offer an approved download to its asker: its set is kept as long as the offer. Raise CiviparoisseError
    `request_asker_gone`, `request_set_gone`, `backup_not_good`, `backup_leaving`, `download_nowhere` or
    `request_state_forbids`; then nothing was written."""
    refuse_asker_gone(request)
    refuse_gone(request)
    backup = request.backup
    assert backup is not None
    if not is_readable(backup):
        raise CiviparoisseError("download_nowhere", backup_id=backup.backup_id, instance=request.instance.identifier)
    until = now + OFFERED_FOR
    changes = {"expires_at": until, "warned_at": None, "one_time_recipient": ""}
    told = {"backup": backup.backup_id, "until": until.isoformat()}
    with transaction.atomic():
        move_request(request, Move.START, actor=MANAGER, now=now, changes=changes, data=told)
        # Of a request that is tried again the fetches count anew; those of before stay on its record and on the set's.
        request.downloads.clear()
        pin_set(request, backup, until=until, now=now)


def follow_offer(request: RestoreRequest, *, now: datetime) -> None:
    """Note how an offer has ended, if it has: fetched whole it is done, at its time it expires. Raise CiviparoisseError
    where it comes to nothing: `request_asker_gone`, `request_fetches_over`, or as refuse_gone."""
    _forget_dead(request, now=now)
    fetches = list(request.downloads.order_by("pk"))
    if any(is_whole(one) for one in fetches):
        finish_fetched(request, now=now)
        return
    refuse_asker_gone(request)
    refuse_gone(request)
    if any(one.ended_at is None for one in fetches):
        return
    if len(fetches) >= MOST_FETCHES:
        raise CiviparoisseError("request_fetches_over", request=request.reference, count=MOST_FETCHES)
    if request.expires_at is not None and request.expires_at <= now:
        move_request(request, Move.EXPIRE, actor=MANAGER, now=now, where={"expires_at__lte": now})


def make_fetch_key(request: RestoreRequest, *, contact: ParishContact, actor: Actor, now: datetime) -> tuple[str, str]:
    """Return (private half, public half) of a new key for the file of `request`. The private half is kept nowhere; one
    that was made before is for nothing any more. Raise CiviparoisseError `request_key_own`, or as begin_fetch."""
    with transaction.atomic():
        held = _hold_offered(request, contact, now=now)
        if held.recipient:
            raise CiviparoisseError("request_key_own", request=held.reference)
        key, recipient = make_one_time_key()
        RestoreRequest.objects.filter(pk=held.pk).update(one_time_recipient=recipient)
        record_event(held, actor=actor, what=KEYED, data={"recipient": recipient}, now=now)
    return key, recipient


def begin_fetch(
    request: RestoreRequest, *, contact: ParishContact, recipient: str, actor: Actor, now: datetime
) -> Download:
    """Record that its asker begins to fetch the file of `request`, tell the parish by mail, and return it for
    stream_fetch.

    `recipient`: the public key that the asker was shown. Raise CiviparoisseError `request_not_yours`,
    `request_state_forbids`, `request_asker_gone`, `request_fetches_over`, `request_key_changed`, or as refuse_gone;
    then nothing was written.
    """
    with transaction.atomic():
        held = _hold_offered(request, contact, now=now)
        wanted = get_recipient(held)
        if not wanted or not constant_time_compare(recipient, wanted):
            raise CiviparoisseError("request_key_changed", request=held.reference)
        refuse_gone(held)
        assert held.backup is not None
        by = f"request {held.reference}"
        download = begin_download(held.backup, recipient=wanted, parts=(), requested_by=by)
        held.downloads.add(download)
        told = {"backup": held.backup.backup_id, "count": held.downloads.count(), "recipient": wanted}
        record_event(held, actor=actor, what=FETCH_BEGUN, data=told, now=now)
        announce_fetch(held, now=now)
    return download


def stream_fetch(
    request: RestoreRequest, download: Download, *, contact: ParishContact, actor: Actor
) -> Generator[bytes]:
    """Yield the sealed file, and note how that ended; whole, the request is done. Cut short once it is not offered any
    more. Raise CiviparoisseError, and what offsite.downloads.stream_download raises."""
    chunks = stream_download(download)
    looked = monotonic()
    try:
        for data in chunks:
            yield data
            if monotonic() - looked >= LOOK_SECONDS:
                looked = monotonic()
                refuse_called_off(request, contact)
    except CiviparoisseError as error:
        chunks.close()
        Download.objects.filter(pk=download.pk).update(error_code=error.code)
        raise
    finally:
        chunks.close()
        _note_fetch_end(request, download, actor=actor)


def refuse_called_off(request: RestoreRequest, contact: ParishContact) -> None:
    """Raise CiviparoisseError `request_state_forbids` or `request_asker_gone` where what is being sent is offered no
    more: refused, withdrawn, or its asker removed."""
    row = RestoreRequest.objects.select_related("asked_by").get(pk=request.pk)
    # Another fetch of it may have come to its end meanwhile.
    if row.state not in (RequestState.RUNNING, RequestState.DONE):
        raise make_state_error(row, Move.FINISH)
    if row.asked_by_id != contact.pk:
        raise CiviparoisseError("request_asker_gone", request=row.reference)
    refuse_asker_gone(row)


def finish_fetched(request: RestoreRequest, *, now: datetime) -> None:
    """Note that a request is done, since its file was fetched whole. Raise CiviparoisseError `request_state_forbids`
    where it is not offered any more."""
    count = request.downloads.count()
    move_request(request, Move.FINISH, actor=MANAGER, now=now, data={"count": count})


def refuse_asker_gone(request: RestoreRequest) -> None:
    """Raise CiviparoisseError `request_asker_gone` unless who asked is a contact who may ask: nobody else fetches."""
    asker = request.asked_by
    if asker is None or not asker.may_ask or asker.confirmed_at is None:
        raise CiviparoisseError("request_asker_gone", request=request.reference)


def get_recipient(request: RestoreRequest) -> str:
    """Return the public key that the file is sealed to; "" where none was made yet."""
    return request.recipient or request.one_time_recipient


def is_offered_to(request: RestoreRequest, contact: ParishContact, *, now: datetime) -> bool:
    """Return whether `contact` can fetch the file of `request` now."""
    if request.wish not in FETCHED or request.state != RequestState.RUNNING or request.asked_by_id != contact.pk:
        return False
    is_time = request.expires_at is not None and request.expires_at > now
    return is_time and request.downloads.count() < MOST_FETCHES


def is_whole(download: Download) -> bool:
    """Return whether a fetch has ended, and well."""
    return download.ended_at is not None and not download.error_code


def _hold_offered(request: RestoreRequest, contact: ParishContact, *, now: datetime) -> RestoreRequest:
    """Return the row of `request`, held until the end of the transaction, if `contact` can fetch its file now."""
    held = RestoreRequest.objects.select_for_update().get(pk=request.pk)
    is_time = held.expires_at is not None and held.expires_at > now
    if held.wish not in FETCHED or held.state != RequestState.RUNNING or not is_time:
        raise make_state_error(held, Move.FINISH)
    if held.asked_by_id != contact.pk:
        raise CiviparoisseError("request_not_yours", request=held.reference)
    refuse_asker_gone(held)
    if held.downloads.count() >= MOST_FETCHES:
        raise CiviparoisseError("request_fetches_over", request=held.reference, count=MOST_FETCHES)
    return held


def _note_fetch_end(request: RestoreRequest, download: Download, *, actor: Actor) -> None:
    now = timezone.now()
    download.refresh_from_db()
    with transaction.atomic():
        record_event(request, actor=actor, what=FETCH_ENDED, data=_tell_end(download), now=now)
    if not is_whole(download):
        return
    try:
        finish_fetched(request, now=now)
    except CiviparoisseError as error:
        log.info("request %s was fetched, and is %s: %s", request.reference, request.state, error.code)


def _forget_dead(request: RestoreRequest, *, now: datetime) -> None:
    """Note the end of fetches whose process died: nothing is sent for so long."""
    for download in request.downloads.filter(ended_at=None, at__lte=now - LONGEST):
        note_end(download, sent=0, error_code="download_lost", now=now)
        download.refresh_from_db()
        with transaction.atomic():
            record_event(request, actor=MANAGER, what=FETCH_ENDED, data=_tell_end(download), now=now)


def _tell_end(download: Download) -> dict[str, object]:
    return {"backup": download.backup.backup_id, "code": download.error_code or WHOLE, "bytes": download.sent_bytes}
