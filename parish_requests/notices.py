"""Tells of each move of a request: the asker and all informed contacts by mail (a stolen mailbox is noticed), and those
of UEPAL who are told of problems where UEPAL must act. Mails are written with the move, or not at all."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from domain.parish_requests import Move, RequestState
from parish_requests.actors import MANAGER, Actor
from parish_requests.checks import WAITING
from parish_requests.contacts import list_informed
from parish_requests.models import RestoreRequest
from parish_requests.notice_texts import ENDS_SOON, FETCH, find_subject, write_notice
from parish_requests.post import LANGUAGE, write_mail
from parish_requests.record import MAILED, record_event
from watch.models import MessageKind
from watch.notices.writing import write_to_all

# What people of UEPAL must look at.
FOR_STAFF = frozenset({Move.SUBMIT, Move.ANSWER, Move.RECONSIDER, Move.FAIL, Move.RETRY})


def announce(request: RestoreRequest, move: Move, actor: Actor) -> None:
    """Tell of one move: a listener to moves (moves.register_listener), called in the move's transaction. Nobody is told
    of drafts that nobody sent."""
    del actor  # the record names who moved it; mails name the parish and UEPAL
    if request.submitted_at is None:
        return
    now = timezone.now()
    _write_mails(request, move, text=_find_text(request, move), now=now)
    if move in FOR_STAFF:
        _tell_staff(request, move, now=now)


def announce_end_soon(request: RestoreRequest) -> None:
    """Tell the parish and UEPAL that a request ends unanswered soon: a warner of expiry.py, called in its
    transaction."""
    if request.submitted_at is not None:
        now = timezone.now()
        _write_mails(request, ENDS_SOON, now=now)
        if request.state != RequestState.RUNNING:
            # What is offered waits for the parish alone.
            _tell_staff(request, ENDS_SOON, now=now)


def announce_fetch(request: RestoreRequest, *, now: datetime) -> None:
    """Tell the parish that somebody has begun to fetch its data, in the transaction that notes it."""
    _write_mails(request, FETCH, now=now)


def list_addresses(request: RestoreRequest) -> list[str]:
    """Return where a parish is told of `request`: its asker, as long as it is a contact, and all informed contacts."""
    asker = request.asked_by
    addresses = [asker.mail] if asker is not None and asker.confirmed_at is not None else []
    return list(dict.fromkeys([*addresses, *list_informed(request.tenant).values_list("mail", flat=True)]))


def _write_mails(request: RestoreRequest, what: Move | str, *, text: str = "", now: datetime) -> None:
    addresses = list_addresses(request)
    if not addresses:
        return
    with override(LANGUAGE):
        subject, body = write_notice(request, what, text=text)
    with transaction.atomic():
        for address in addresses:
            write_mail(address, subject, body, request=request, now=now)
        told = {"code": str(what), "count": len(addresses), "to": addresses}
        record_event(request, actor=MANAGER, what=MAILED, data=told, now=now)


def _find_text(request: RestoreRequest, move: Move) -> str:
    """Return what was said with a move: its line of the record is written already."""
    line = request.events.filter(what=move.value).order_by("-number").first()
    return str(line.data.get("text", "")) if line is not None else ""


def _tell_staff(request: RestoreRequest, what: Move | str, *, now: datetime) -> None:
    page = reverse("admin:parish_requests_restorerequest_change", args=[request.pk])
    with override(settings.LANGUAGE_CODE):
        subject = f"{request.tenant.name} – {find_subject(request, what)}"
        lines = [subject, "", f"{request.get_wish_display()} – {request.get_state_display()}"]
        if settings.PUBLIC_URL:
            lines.append(f"{settings.PUBLIC_URL}{page}")
        write_to_all(
            kind=MessageKind.REQUEST,
            check=WAITING,
            tenant=request.tenant.slug,
            subject=subject,
            body="\n".join(lines),
            document={"request": _make_document(request, what, page=page)},
            now=now,
        )


def _make_document(request: RestoreRequest, what: Move | str, *, page: str) -> dict[str, Any]:
    """Return what programs are told, without a word of the parish's own."""
    return {
        "reference": request.reference,
        "what": str(what),
        "tenant": request.tenant.slug,
        "instance": request.instance.identifier,
        "wish": request.wish,
        "state": request.state,
        "external_reference": request.external_reference or None,
        "link": f"{settings.PUBLIC_URL}{page}" if settings.PUBLIC_URL else None,
    }
