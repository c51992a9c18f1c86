"""What would happen if a request were approved now, as sentences for whoever decides; and what it waits for."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from domain.parish_requests import FETCHED, RESTORES
from domain.states import ACTIVE_OPERATION_STATES
from offsite.set_sources import is_readable
from operations.models import Operation
from operations.registry import get_kind
from operations.requests import describe_operation
from operations.subjects import make_lock
from parish_requests.copies import KEPT_FOR as COPY_KEPT_FOR
from parish_requests.copies import find_taken
from parish_requests.fetches import MOST_FETCHES, OFFERED_FOR
from parish_requests.models import RestoreRequest
from parish_requests.pinning import PINNED_FOR
from parish_requests.plans import BY_HAND, COPIES, list_stages
from parish_requests.undoing import UNDO_FOR
from tenants.models import Instance


def describe_outcome(request: RestoreRequest) -> list[str]:
    """Return what would happen, in sentences in the active language; why it could not, where that is known now."""
    if request.wish in BY_HAND:
        return [
            _("Nothing happens by itself: somebody of UEPAL does it, and notes here what was done or answered."),
            _("That goes by mail to whoever asked, word by word."),
        ]
    if request.wish in FETCHED:
        return _describe_offer(request)
    if request.wish in COPIES:
        return _describe_copy(request)
    stage = list_stages(request)[0]
    try:
        told = describe_operation(kind=stage.kind, instance=request.instance, parameters=stage.parameters)
    except CiviparoisseError as error:
        return [f"{error.message} {error.hint}".strip()]
    if request.wish not in RESTORES:
        return list(told.sentences)
    kept = _("The safety copy is kept for %(days)s days; until %(undo)s days after, this can be undone from here.")
    return [*told.sentences, kept % {"days": PINNED_FOR.days, "undo": UNDO_FOR.days}]


def find_hindrance(request: RestoreRequest) -> str:
    """Return what an approved request waits for, as a sentence; "" where nothing is in its way."""
    if request.wish in COPIES:
        taken = find_taken(request)
        if taken is not None:
            return _("It waits until the copy %(instance)s, which is there already, is deleted.") % {
                "instance": taken.identifier
            }
    for stage in list_stages(request)[:1]:
        row = Instance.objects.filter(identifier=stage.instance).first()
        holder = find_holder(stage.kind, row) if row is not None else None
        if holder is not None:
            names = {"kind": holder.get_kind_display(), "operation": holder.public_id}
            return _("It waits until another operation on the site has ended: %(kind)s (%(operation)s).") % names
    return ""


def find_holder(kind: str, instance: Instance) -> Operation | None:
    """Return the operation under way that an operation of `kind` on `instance` would wait for."""
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    return Operation.objects.filter(lock=make_lock(get_kind(kind), instance), state__in=active).first()


def _describe_offer(request: RestoreRequest) -> list[str]:
    sealed = _("sealed to the key %(key)s") if request.recipient else _("sealed to a key that is made and shown once")
    moment = date_format(localtime(request.backup.started_at), "DATETIME_FORMAT") if request.backup is not None else ""
    names = {
        "name": request.asked_name,
        "days": OFFERED_FOR.days,
        "count": MOST_FETCHES,
        "time": moment,
        "sealed": sealed % {"key": request.recipient},
    }
    sentences = [
        _("The data as it was on %(time)s is offered to %(name)s on the parish’s pages, %(sealed)s."),
        _("It is offered for %(days)s days, and can be begun to be fetched %(count)s times; nobody else can fetch it."),
        _("The set is kept so long, each fetch is on the record, and the contacts who are informed are told."),
    ]
    if request.backup is not None and not is_readable(request.backup):
        sentences.append(_("As it is now the manager cannot read the set: bring a copy of it to a destination first."))
    return [sentence % names for sentence in sentences]


def _describe_copy(request: RestoreRequest) -> list[str]:
    names = {"instance": request.instance.identifier, "days": COPY_KEPT_FOR.days, "time": ""}
    if request.backup is not None:
        names["time"] = date_format(localtime(request.backup.started_at), "DATETIME_FORMAT")
    sentences = [
        _("A copy of %(instance)s as it was on %(time)s is made beside it; the site itself goes on unchanged."),
        _("The copy sends no mail and runs no scheduled task."),
        _("It is deleted by itself after %(days)s days, with all that was entered into it."),
    ]
    waits = find_hindrance(request)
    return [*(sentence % names for sentence in sentences), *([waits] if waits else [])]
