"""Asking, by the parish or for it: a draft that is checked strictly, then sent with what it would change.

What is decided here: of the same wish with the same moment and extent a parish has one open request; different ones go
side by side (each preview warns of the others), ten at most, so that a stolen mailbox cannot bury UEPAL.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from backups.models import Backup
from backups.selectors import list_whole_backups
from domain.errors import CiviparoisseError, InvalidValue
from domain.parish_requests import FETCHED, OPEN_STATES, Cause, Move, RequestScope, RequestState, Wish
from domain.specs import InstanceKind
from offsite.downloads import check_recipient
from parish_requests.actors import Actor
from parish_requests.choices import ActorKind
from parish_requests.models import ParishContact, RestoreRequest
from parish_requests.moves import make_state_error, move_request
from parish_requests.previews import get_digest, look_ahead
from parish_requests.record import BEGUN, RATED, SHOWN, record_event
from parish_requests.sets import MAY_NAME_A_MOMENT, OF_A_MOMENT, WHOLE_ONLY, check_set, read_part, refuse_gone
from parish_requests.wording import (
    CHANNEL_LENGTH,
    RATING_LENGTH,
    REFERENCE_LENGTH,
    WHY_LENGTH,
    read_line,
    read_said,
    read_text,
)
from tenants.models import Instance

UNANSWERED_FOR = timedelta(hours=72)
OPEN_AT_MOST = 10
# What was shown so lately is what is sent.
SHOWN_FOR = timedelta(minutes=10)
WHY_NEEDED = frozenset({Wish.RESTORE, Wish.HELP})
_OPEN = [state.value for state in OPEN_STATES]
_SENT = [state.value for state in OPEN_STATES - {RequestState.DRAFT}]
RATED_IN = frozenset({RequestState.DONE, RequestState.UNDONE, RequestState.FAILED})


def begin_request(
    *,
    instance: Instance,
    wish: Wish | str,
    actor: Actor,
    now: datetime,
    contact: ParishContact | None = None,
    cause: Cause | str = Cause.OTHER,
    scope: RequestScope | str = RequestScope.EVERYTHING,
    part: str = "",
    backup: Backup | None = None,
    why: str = "",
    entered_by: str = "",
    channel: str = "",
    external_reference: str = "",
    undoes: RestoreRequest | None = None,
    recipient: str = "",
) -> RestoreRequest:
    """Write a draft of a request and return it. Nobody of UEPAL sees it before it is sent.

    `contact`: who asks; needed from a contact. `entered_by`, `channel`: the account that enters it for the parish, and
    how the parish asked ("by telephone, by …"); needed from an account. `part`: "tree/path" of scope part. `recipient`:
    of a download, the asker's own public key; without it one is made when the file is fetched. Raise InvalidValue, or
    CiviparoisseError `contact_may_not_ask`, `requests_too_many`, `backup_not_good`, `backup_leaving` or
    `recipient_mistyped`.
    """
    asked_for = _read_choice("wish", Wish, wish)
    extent = _read_choice("scope", RequestScope, scope)
    if instance.kind != InstanceKind.PRODUCTION:
        raise InvalidValue(field="instance", reason=_("requests are of the parish's own site."), well_formed=True)
    values = {
        **_read_source(actor, entered_by, channel),
        **_tell_asker(_find_asker(instance, actor, contact), asked_for),
        "cause": _read_choice("cause", Cause, cause).value,
        "why": read_text("why", why, length=WHY_LENGTH, is_needed=asked_for in WHY_NEEDED),
        "external_reference": read_line("external_reference", external_reference, length=REFERENCE_LENGTH),
        "part": read_part(instance, extent, part),
        "recipient": _read_recipient(asked_for, recipient),
        "backup": _find_moment(instance, asked_for, extent, backup),
    }
    values |= {"wish": asked_for.value, "scope": extent.value, "undoes": undoes}
    return _write_draft(instance, actor=actor, now=now, values=values)


def show_preview(request: RestoreRequest, *, actor: Actor, now: datetime) -> RestoreRequest:
    """Work out what a draft would change, keep it, and note that `actor` was shown it. Takes seconds. Raise
    CiviparoisseError `request_state_forbids` for what was sent."""
    if request.state != RequestState.DRAFT:
        raise make_state_error(request, Move.SUBMIT)
    look_ahead(request, now=now)
    with transaction.atomic():
        record_event(request, actor=actor, what=SHOWN, data={"preview_sha256": get_digest(request)}, now=now)
    return request


def submit_request(request: RestoreRequest, *, actor: Actor, now: datetime) -> RestoreRequest:
    """Send a draft to UEPAL, with what it would change as it is now. Raise CiviparoisseError `request_state_forbids`,
    `request_open_already`, `request_set_gone`, `backup_not_good`, `backup_leaving` or `contact_may_not_ask`."""
    if request.state != RequestState.DRAFT:
        raise make_state_error(request, Move.SUBMIT)
    if actor.kind is ActorKind.CONTACT:
        _find_asker(request.instance, actor, request.asked_by)
    refuse_gone(request)
    if request.previewed_at is None or now - request.previewed_at > SHOWN_FOR:
        look_ahead(request, now=now)
    with transaction.atomic():
        # Whoever sends another one of this parish waits here, and then sees this one.
        Instance.objects.select_for_update().only("pk").get(pk=request.instance_id)
        refuse_double(request)
        changes = {"submitted_at": now, "expires_at": now + UNANSWERED_FOR, "warned_at": None}
        told = {**_tell_what(request), "preview_sha256": get_digest(request), "preview": request.preview}
        told["approvals_needed"] = request.approvals_needed
        return move_request(request, Move.SUBMIT, actor=actor, now=now, changes=changes, data=told)


def withdraw_request(request: RestoreRequest, *, actor: Actor, now: datetime) -> RestoreRequest:
    """Take a request back before it has begun. Raise CiviparoisseError `request_state_forbids`."""
    return move_request(request, Move.WITHDRAW, actor=actor, now=now)


def answer_question(request: RestoreRequest, text: str, *, actor: Actor, now: datetime) -> RestoreRequest:
    """Answer what UEPAL asked back; the time in which UEPAL answers begins again. Raise CiviparoisseError
    `request_text_invalid` or `request_state_forbids`."""
    changes = {"expires_at": now + UNANSWERED_FOR, "warned_at": None}
    return move_request(request, Move.ANSWER, actor=actor, now=now, changes=changes, data={"text": read_said(text)})


def rate_result(
    request: RestoreRequest, *, is_satisfied: bool, why: str = "", actor: Actor, now: datetime
) -> RestoreRequest:
    """Note whether what was done is what was wanted; said again, the newer answer holds. Raise InvalidValue, or
    CiviparoisseError `request_state_forbids` before anything was done."""
    said = read_line("why", why, length=RATING_LENGTH)
    states = [state.value for state in RATED_IN]
    with transaction.atomic():
        rows = RestoreRequest.objects.filter(pk=request.pk, state__in=states)
        if not rows.update(is_satisfied=is_satisfied, satisfied_why=said):
            request.refresh_from_db()
            raise make_state_error(request, Move.FINISH)
        record_event(request, actor=actor, what=RATED, data={"is_satisfied": is_satisfied, "why": said}, now=now)
    request.refresh_from_db()
    return request


def _write_draft(instance: Instance, *, actor: Actor, now: datetime, values: dict[str, Any]) -> RestoreRequest:
    with transaction.atomic():
        _refuse_too_many(instance)
        request = RestoreRequest.objects.create(
            tenant=instance.tenant, instance=instance, expires_at=now + UNANSWERED_FOR, **values
        )
        record_event(request, actor=actor, what=BEGUN, data=_tell_what(request), now=now)
    return request


def _find_asker(instance: Instance, actor: Actor, contact: ParishContact | None) -> ParishContact | None:
    """Return the contact as it is now; None where an account asks without one."""
    if contact is None and actor.kind is not ActorKind.CONTACT:
        return None
    known = ParishContact.objects.filter(pk=contact.pk if contact else 0, tenant_id=instance.tenant_id).first()
    if known is None or not known.may_ask or known.confirmed_at is None:
        raise CiviparoisseError("contact_may_not_ask")
    return known


def _tell_asker(asker: ParishContact | None, wish: Wish) -> dict[str, Any]:
    """Return the columns of who asks: the name and the address stay when the contact is removed."""
    if asker is None and wish in FETCHED:
        reason = _("the data is given to a contact alone: say which one asks.")
        raise InvalidValue(field="contact", reason=reason, well_formed=True)
    if asker is None:
        return {"asked_by": None, "asked_name": "", "asked_mail": ""}
    return {"asked_by": asker, "asked_name": asker.name, "asked_mail": asker.mail}


def _read_source(actor: Actor, entered_by: str, channel: str) -> dict[str, str]:
    if actor.kind is ActorKind.CONTACT:
        return {"entered_by": "", "channel": ""}
    name = read_line("entered_by", entered_by or actor.name, length=150, is_needed=True)
    return {"entered_by": name, "channel": read_line("channel", channel, length=CHANNEL_LENGTH, is_needed=True)}


def _read_recipient(wish: Wish, recipient: str) -> str:
    recipient = recipient.strip()
    if recipient and wish not in FETCHED:
        raise InvalidValue(
            field="recipient", reason=_("only data that is given as a file is sealed."), well_formed=True
        )
    if recipient:
        check_recipient(recipient)
    return recipient


def _find_moment(instance: Instance, wish: Wish, scope: RequestScope, backup: Backup | None) -> Backup | None:
    if wish in WHOLE_ONLY and scope is not RequestScope.EVERYTHING:
        raise InvalidValue(field="scope", reason=_("a copy is made of everything."), well_formed=True)
    if backup is not None and wish not in MAY_NAME_A_MOMENT:
        raise InvalidValue(field="backup", reason=_("this is not of a moment."), well_formed=True)
    if backup is None and wish in MAY_NAME_A_MOMENT - OF_A_MOMENT:
        backup = list_whole_backups(instance).first()
    if backup is None:
        if wish in MAY_NAME_A_MOMENT:
            raise InvalidValue(field="backup", reason=_("choose a moment."), well_formed=True)
        return None
    current = Backup.objects.select_related("instance").get(pk=backup.pk)
    check_set(instance, current, wish=wish, scope=scope)
    return current


def _refuse_too_many(instance: Instance) -> None:
    # The site's row, as whoever begins an operation does, and never the parish's before it: nobody waits in a circle.
    Instance.objects.select_for_update().only("pk").get(pk=instance.pk)
    count = RestoreRequest.objects.filter(tenant=instance.tenant_id, state__in=_OPEN).count()
    if count >= OPEN_AT_MOST:
        raise CiviparoisseError("requests_too_many", tenant=instance.tenant.slug, count=count)


def refuse_double(request: RestoreRequest) -> None:
    """Raise CiviparoisseError `request_open_already` where the same is sent already; of two at the same instant the
    caller's lock on the site's row lets one come first."""
    same = {name: getattr(request, name) for name in ("instance_id", "wish", "scope", "part", "backup_id")}
    rows = RestoreRequest.objects.filter(state__in=_SENT, **same).exclude(pk=request.pk)
    # Calls for help are about different things.
    other = rows.first() if request.wish != Wish.HELP else None
    if other is not None:
        raise CiviparoisseError("request_open_already", request=request.reference, other=other.reference)


def _tell_what(request: RestoreRequest) -> dict[str, Any]:
    """Return what is asked for, as the record keeps it."""
    told = {name: getattr(request, name) for name in ("wish", "cause", "scope", "part", "why", "channel", "entered_by")}
    told["recipient"] = request.recipient
    told |= {"instance": request.instance.identifier, "asked_name": request.asked_name}
    if request.backup is not None:
        told["backup"] = request.backup.backup_id
    if request.undoes is not None:
        told["undoes"] = request.undoes.reference
    return {name: value for name, value in told.items() if value}


def _read_choice(field: str, choices: Any, value: Any) -> Any:
    try:
        return choices(value)
    except ValueError as error:
        reason = _("choose one of these: %(choices)s.") % {"choices": ", ".join(choices)}
        raise InvalidValue(field=field, reason=reason, well_formed=True) from error
