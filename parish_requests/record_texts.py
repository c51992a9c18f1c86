"""What the record of a request says, in words of people: one sentence for each line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from domain.parish_requests import Move
from parish_requests.choices import ActorKind
from parish_requests.models import RequestEvent
from parish_requests.record import (
    APPROVED_ONCE,
    ASKED,
    BEGUN,
    ERASED,
    FETCH_BEGUN,
    FETCH_ENDED,
    KEYED,
    MAILED,
    RATED,
    SAID,
    SHOWN,
    WARNED,
)

WORDS: Mapping[str, Any] = {
    BEGUN: gettext_lazy("The request was begun."),
    Move.SUBMIT.value: gettext_lazy("The request was sent to UEPAL."),
    Move.ASK_BACK.value: gettext_lazy("UEPAL asked something back."),
    Move.ANSWER.value: gettext_lazy("The parish answered."),
    APPROVED_ONCE: gettext_lazy("A first person approved it; a second one is needed."),
    Move.APPROVE.value: gettext_lazy("It was approved, to begin at once."),
    Move.SCHEDULE.value: gettext_lazy("It was approved, to begin on %(not_before)s."),
    Move.RECONSIDER.value: gettext_lazy("What it would change was another thing by then: it must be approved anew."),
    Move.START.value: gettext_lazy("It has begun."),
    ASKED: gettext_lazy("Its next part has begun (%(operation)s)."),
    Move.FINISH.value: gettext_lazy("It was done."),
    Move.FAIL.value: gettext_lazy("It failed (%(code)s)."),
    Move.RETRY.value: gettext_lazy("It is tried again, and must be approved anew."),
    Move.REFUSE.value: gettext_lazy("It was refused."),
    Move.WITHDRAW.value: gettext_lazy("It was taken back."),
    Move.EXPIRE.value: gettext_lazy("It ended because nobody answered."),
    Move.UNDO.value: gettext_lazy("What it did was undone."),
    SAID: pgettext_lazy("line of a record", "Something was said."),
    SHOWN: gettext_lazy("What it would change was shown."),
    MAILED: gettext_lazy("A mail about it was written."),
    WARNED: gettext_lazy("It was told that it ends unanswered on %(ends)s."),
    RATED: gettext_lazy("The result was judged."),
    KEYED: gettext_lazy("A key for the file was made, and shown once."),
    FETCH_BEGUN: gettext_lazy("The file was begun to be fetched (number %(count)s)."),
    FETCH_ENDED: gettext_lazy("That fetch has ended: %(code)s, %(bytes)s bytes."),
    ERASED: gettext_lazy("Names, addresses and texts were erased, as the rule says."),
}
_MOMENTS = ("not_before", "ends", "until")


class _Places(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def word_event(event: RequestEvent) -> str:
    """Return what a line says, in the active language; what nobody has words for says its code."""
    text = WORDS.get(event.what)
    if text is None:
        return event.what
    told = {name: _format(name, value) for name, value in event.data.items()}
    if event.what == RATED:
        return str(
            _("The parish is satisfied.") if event.data.get("is_satisfied") else _("The parish is not satisfied.")
        )
    return str(text) % _Places(told)


def word_actor(event: RequestEvent) -> str:
    """Return who did it: the name and what it is the name of, in the active language; once erased, only the latter."""
    kind = str(ActorKind(event.actor_kind).label)
    return f"{event.actor} ({kind})" if event.actor else kind


def format_moment(moment: datetime) -> str:
    """Return a moment as people read it, in the active language."""
    return str(date_format(localtime(moment), "DATETIME_FORMAT"))


def _format(name: str, value: Any) -> Any:
    moment = parse_datetime(value) if name in _MOMENTS and isinstance(value, str) else None
    return value if moment is None else format_moment(moment)
