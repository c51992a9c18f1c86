"""What a mail to a parish says of each move of a request: French texts, plain, with the reference, never a link that
acts."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.parish_requests import FETCHED, RESTORES, Move, RequestScope, RequestState, Wish
from parish_requests.models import RestoreRequest
from parish_requests.plans import BY_HAND, COPIES
from parish_requests.undoing import UNDO_FOR

# What is told beside the moves: a request that ends unanswered soon.
# And that somebody fetches the data.
ENDS_SOON, FETCH = "ends_soon", "fetch"
SUBJECTS = {
    Move.SUBMIT: gettext_noop("Request %(reference)s: sent to UEPAL"),
    Move.ASK_BACK: gettext_noop("Request %(reference)s: UEPAL has a question"),
    Move.ANSWER: gettext_noop("Request %(reference)s: answer sent to UEPAL"),
    Move.APPROVE: gettext_noop("Request %(reference)s: approved"),
    Move.SCHEDULE: gettext_noop("Request %(reference)s: approved, begins later"),
    Move.RECONSIDER: gettext_noop("Request %(reference)s: UEPAL looks at it again"),
    Move.START: gettext_noop("Request %(reference)s: has begun"),
    Move.FINISH: gettext_noop("Request %(reference)s: done"),
    Move.FAIL: gettext_noop("Request %(reference)s: could not be done"),
    Move.RETRY: gettext_noop("Request %(reference)s: UEPAL tries again"),
    Move.REFUSE: gettext_noop("Request %(reference)s: refused"),
    Move.WITHDRAW: gettext_noop("Request %(reference)s: withdrawn"),
    Move.EXPIRE: gettext_noop("Request %(reference)s: ended unanswered"),
    Move.UNDO: gettext_noop("Request %(reference)s: undone"),
    ENDS_SOON: gettext_noop("Request %(reference)s: ends unanswered soon"),
}
SENTENCES = {
    Move.SUBMIT: gettext_noop(
        "This request was sent to UEPAL, which answers it. Nothing is done before UEPAL has approved it. If nobody "
        "answers, it ends on %(expires)s, and nothing is changed."
    ),
    Move.ASK_BACK: gettext_noop(
        "UEPAL has a question before it decides:\n\n%(text)s\n\nAnswer it on the page of the request, or by telephone."
    ),
    Move.ANSWER: gettext_noop("The question of UEPAL was answered:\n\n%(text)s"),
    Move.APPROVE: gettext_noop("UEPAL has approved this request. It begins within minutes."),
    Move.SCHEDULE: gettext_noop("UEPAL has approved this request. It begins on %(begins)s."),
    Move.RECONSIDER: gettext_noop(
        "What this request would change is not any more what UEPAL had approved: things were entered meanwhile. UEPAL "
        "looks at it again; nothing was changed."
    ),
    Move.START: gettext_noop("What was asked for has begun."),
    Move.FINISH: gettext_noop("What was asked for is done."),
    Move.FAIL: gettext_noop("What was asked for could not be done. UEPAL is told, and looks after it."),
    Move.RETRY: gettext_noop("UEPAL tries again: the request waits to be approved anew."),
    Move.REFUSE: gettext_noop("UEPAL has refused this request:\n\n%(text)s\n\nNothing was changed."),
    Move.WITHDRAW: gettext_noop("This request was withdrawn. Nothing was changed."),
    Move.EXPIRE: gettext_noop(
        "This request has ended without an answer. Nothing was changed. Ask again, or telephone UEPAL."
    ),
    Move.UNDO: gettext_noop("What was done is undone: the site is as it was before, from the safety copy."),
    ENDS_SOON: gettext_noop("This request is not answered yet. Unanswered, it ends on %(expires)s."),
}
# What people do has no minute at which it begins.
BY_HAND_APPROVED = gettext_noop("UEPAL has approved this request.")
# Of data that is fetched some of it is told otherwise.
SUBJECTS_OF_DATA = {
    Move.START: gettext_noop("Request %(reference)s: the data is ready"),
    Move.FINISH: gettext_noop("Request %(reference)s: the data was fetched"),
    Move.EXPIRE: gettext_noop("Request %(reference)s: the data was not fetched"),
    ENDS_SOON: gettext_noop("Request %(reference)s: the data is offered one day more"),
    FETCH: gettext_noop("Request %(reference)s: the data is being fetched"),
}
SENTENCES_OF_DATA = {
    Move.START: gettext_noop(
        "The data of your parish is ready. Whoever asked for it fetches it on the page of the request, sealed, until "
        "%(expires)s; nobody else can."
    ),
    Move.FINISH: gettext_noop("The data of your parish was fetched, whole. It is not offered any more."),
    Move.EXPIRE: gettext_noop("The data of your parish was not fetched, and is not offered any more. Ask again."),
    ENDS_SOON: gettext_noop("The data of your parish was not fetched yet. It is offered until %(expires)s."),
    FETCH: gettext_noop("%(asker)s has begun to fetch the data of your parish."),
}
# Whoever reads a stolen mailbox acts here: the others notice.
UNWANTED_AT = frozenset({Move.SUBMIT, Move.APPROVE, Move.SCHEDULE, Move.START, FETCH})


def write_notice(request: RestoreRequest, what: Move | str, *, text: str = "") -> tuple[str, str]:
    """Return subject and body, in the active language, of what parishes are told of `what`: a move, ENDS_SOON or
    FETCH. `text`: what was said with it."""
    named = {
        "reference": request.reference,
        "text": text,
        "expires": _format(request.expires_at),
        "begins": _format(request.not_before),
        "asker": request.asked_name,
    }
    sentence = _find_sentence(request, what)
    parts = [_("Hello,"), _(sentence) % named, *_tell_more(request, what, text=text), "\n".join(_facts(request))]
    if what == Move.SUBMIT and request.why:
        parts.append("\n".join([_("In their words:"), request.why]))
    parts.append(_("All of it is shown on the site of parishes. Answers to this mail are not read."))
    if what in UNWANTED_AT:
        parts.append(_("If nobody of your parish asked for this, telephone UEPAL at once."))
    return find_subject(request, what), "\n\n".join(parts)


def find_subject(request: RestoreRequest, what: Move | str) -> str:
    """Return the subject of what is told of a request, in the active language."""
    of_data = SUBJECTS_OF_DATA.get(what) if _is_of_data(request, what) else None
    return _(of_data or SUBJECTS[what]) % {"reference": request.reference}


def _find_sentence(request: RestoreRequest, what: Move | str) -> str:
    if what == Move.APPROVE and request.wish in BY_HAND:
        return BY_HAND_APPROVED
    of_data = SENTENCES_OF_DATA.get(what) if _is_of_data(request, what) else None
    return of_data or SENTENCES[what]


def _is_of_data(request: RestoreRequest, what: Move | str) -> bool:
    """Return whether data that is fetched is told of; what ends before it was approved ends as every request."""
    return request.wish in FETCHED and (request.decided_at is not None or what == FETCH)


def _tell_more(request: RestoreRequest, what: Move | str, *, text: str) -> list[str]:
    """Return what depends on what was asked for, and on what there is now."""
    if what == Move.FINISH:
        return _tell_result(request, text=text)
    if what == Move.START and request.wish in RESTORES:
        return [_("A safety copy of what is there is taken first. The site may be closed while it lasts.")]
    if what == Move.APPROVE and request.wish in BY_HAND:
        return [_("Somebody of UEPAL does it.")]
    if what == Move.FAIL and request.operation_id is None and request.wish not in FETCHED:
        return [_("Nothing was begun, and nothing was changed.")]
    if what == ENDS_SOON and request.state == RequestState.QUESTION:
        return [_("It waits for your answer to the question of UEPAL.")]
    return []


def _tell_result(request: RestoreRequest, *, text: str) -> list[str]:
    parts = [text] if text else []
    if request.wish in RESTORES and request.safety_backup_id and request.ended_at and request.wish != Wish.UNDO:
        until = {"until": _format(request.ended_at + UNDO_FOR)}
        parts.append(_("It can be undone until %(until)s, on the page of the request.") % until)
    if request.wish in COPIES and request.sandbox is not None:
        named = {"address": f"https://{request.sandbox.host}/", "until": _format(request.sandbox_until)}
        parts.append(
            _(
                "The copy is here: %(address)s\nIt sends no mail. It is deleted on %(until)s, with all that was "
                "entered into it."
            )
            % named
        )
    parts.append(_("Please say on the page of the request whether all is well."))
    return parts


def _facts(request: RestoreRequest) -> list[str]:
    """Return a line for each fact of a request."""
    asked = request.get_wish_display()
    if request.wish in RESTORES and request.scope != RequestScope.PART:
        asked = f"{asked} – {request.get_scope_display()}"
    rows = [
        (_("Reference"), request.reference),
        (_("Parish"), request.tenant.name),
        (_("Asked for"), asked),
        (_("Moment"), _format(request.backup.started_at) if request.backup is not None else ""),
        (_("File or folder"), request.part),
        (_("Asked by"), f"{request.asked_name} <{request.asked_mail}>" if request.asked_name else ""),
        (_("Entered by UEPAL"), request.channel if request.entered_by else ""),
    ]
    return [f"{label}{_(':')} {value}" for label, value in rows if value]


def _format(moment: datetime | None) -> str:
    return "" if moment is None else date_format(localtime(moment), "DATETIME_FORMAT")
