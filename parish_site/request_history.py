"""What was said and done with a request, line by line, for the people of its parish: from its record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.parish_requests import Move
from parish_requests.choices import ActorKind
from parish_requests.models import RequestEvent, RestoreRequest
from parish_requests.record import ERASED, FETCH_BEGUN, FETCH_ENDED, KEYED, RATED, SAID, WHOLE

SHOWN = 100
TEXTS: Mapping[str, Any] = {
    Move.SUBMIT.value: gettext_lazy("sent to UEPAL"),
    Move.ASK_BACK.value: gettext_lazy("asks"),
    Move.ANSWER.value: gettext_lazy("answers"),
    Move.APPROVE.value: gettext_lazy("approved"),
    Move.SCHEDULE.value: gettext_lazy("approved, for later"),
    Move.RECONSIDER.value: gettext_lazy("to be approved again: it would change something else now"),
    Move.START.value: gettext_lazy("begun"),
    Move.FINISH.value: gettext_lazy("done"),
    Move.FAIL.value: gettext_lazy("failed"),
    Move.RETRY.value: gettext_lazy("tried again"),
    Move.REFUSE.value: gettext_lazy("refused"),
    Move.WITHDRAW.value: gettext_lazy("taken back"),
    Move.EXPIRE.value: gettext_lazy("ended without an answer"),
    Move.UNDO.value: gettext_lazy("undone"),
    SAID: gettext_lazy("says"),
    RATED: gettext_lazy("judged"),
    KEYED: gettext_lazy("had a key made"),
    FETCH_BEGUN: gettext_lazy("began to fetch the file"),
    FETCH_ENDED: gettext_lazy("fetched the file whole"),
    ERASED: gettext_lazy("names and texts erased"),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line. `who`: a contact by name, or UEPAL, or "" for what happened by itself; `said`: the words, or ""."""

    at: datetime
    who: str
    what: str
    said: str


def list_history(request: RestoreRequest) -> list[HistoryLine]:
    """Return what was said and done, the oldest first; of a long one the newest lines."""
    rows = RequestEvent.objects.filter(request=request, what__in=TEXTS).order_by("-number")[:SHOWN]
    return [_make_line(row) for row in reversed(rows)]


def _make_line(event: RequestEvent) -> HistoryLine:
    said = event.data.get("text") or event.data.get("reason") or ""
    if event.what == RATED:
        judged = _("satisfied") if event.data.get("is_satisfied") else _("not satisfied")
        said = ": ".join(filter(None, (judged, event.data.get("why"))))
    what = str(TEXTS[event.what])
    if event.what == FETCH_ENDED and event.data.get("code") != WHOLE:
        what = _("the file did not come whole")
    return HistoryLine(event.at, _name(event), what, str(said))


def _name(event: RequestEvent) -> str:
    if event.actor_kind == ActorKind.CONTACT:
        return event.actor.partition(" <")[0] or _("the parish")
    return _("UEPAL") if event.actor_kind == ActorKind.STAFF else ""
