"""What a campaign was told, in words: which instances, which waves, at which hours, when it stops, what happened."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from campaigns.models import CampaignEvent
from campaigns.windows import DAYS
from domain.campaigns import CampaignMove
from domain.errors import CiviparoisseError
from domain.specs import InstanceKind
from domain.words import word
from operations.registry import get_kind

DAY_WORDS = {
    "mon": gettext_lazy("Monday"),
    "tue": gettext_lazy("Tuesday"),
    "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"),
    "fri": gettext_lazy("Friday"),
    "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}
KIND_WORDS = {
    InstanceKind.PRODUCTION.value: gettext_lazy("instances of parishes"),
    InstanceKind.SANDBOX.value: gettext_lazy("sandboxes"),
}
EVENT_WORDS = {
    "created": pgettext_lazy("history", "recorded"),
    CampaignMove.START.value: pgettext_lazy("history", "started"),
    CampaignMove.PAUSE.value: pgettext_lazy("history", "paused"),
    CampaignMove.STOP.value: pgettext_lazy("history", "stopped by its own rule"),
    CampaignMove.RESUME.value: pgettext_lazy("history", "went on"),
    CampaignMove.RETRY.value: pgettext_lazy("history", "what failed is tried again"),
    CampaignMove.CANCEL.value: pgettext_lazy("history", "cancelled"),
    CampaignMove.FINISH.value: pgettext_lazy("history", "ended"),
    CampaignMove.CLOSE.value: pgettext_lazy("history", "ended, cancelled"),
    "wave": pgettext_lazy("history", "a wave began"),
    "refused": pgettext_lazy("history", "one was refused"),
    "reported": pgettext_lazy("history", "its report was sent"),
    "noted": pgettext_lazy("history", "its notes were changed"),
}
# What is said beside an event, where it is there.
SAID = ("instance", "reason")
MOST_NAMED = 10


def word_selection(selection: Mapping[str, Any]) -> str:
    """Return which instances a filter chooses."""
    parts = [", ".join(str(KIND_WORDS.get(kind, kind)) for kind in selection.get("kinds") or ())]
    lists = (
        ("states", _("in the state %(names)s"), lambda name: word("state", name)),
        ("clusters", _("on %(names)s"), str),
        ("releases", _("of the release %(names)s"), str),
        ("plans", _("with the plan %(names)s"), str),
    )
    for name, text, wording in lists:
        if values := selection.get(name):
            parts.append(text % {"names": ", ".join(wording(value) for value in values)})
    if named := selection.get("slugs"):
        parts.append(_join_some(named))
    if (volunteers := selection.get("volunteers")) is not None:
        parts.append(_("parishes that go first") if volunteers else _("without the parishes that go first"))
    return " – ".join(part for part in parts if part) or _("all")


def word_waves(sizes: Sequence[int | None]) -> str:
    """Return the sizes of the waves: «1, 5, then the rest»."""
    numbers = ", ".join(str(size) for size in sizes if size is not None)
    if sizes and sizes[-1] is None:
        return _("%(numbers)s, then the rest") % {"numbers": numbers} if numbers else _("all in one")
    return numbers


def word_calendar(windows: Sequence[Mapping[str, Any]], blackout: Mapping[str, Any], time_zone: str) -> str:
    """Return when operations may begin: hours, then the days without."""
    parts = [_word_window(window) for window in windows] or [_("at any hour")]
    without = [str(DAY_WORDS[day]) for day in blackout.get("weekdays") or () if day in DAY_WORDS]
    without += blackout.get("dates") or []
    if without:
        parts.append(_("not on %(days)s") % {"days": ", ".join(without)})
    if windows or without:
        parts.append(time_zone)
    return " – ".join(parts)


def _word_window(window: Mapping[str, Any]) -> str:
    hours = _("from %(begin)s to %(end)s") % {"begin": window.get("from"), "end": window.get("to")}
    days = window.get("days") or DAYS
    if set(days) == set(DAYS):
        return hours
    return _("%(hours)s on %(days)s") % {"hours": hours, "days": ", ".join(str(DAY_WORDS[day]) for day in days)}


def word_stop_rule(failures: int | None, percent: int | None) -> str:
    """Return when a campaign stops by itself."""
    parts = []
    if failures:
        parts.append(ngettext("after %(number)s failure", "after %(number)s failures", failures) % {"number": failures})
    if percent:
        parts.append(_("when more than %(percent)s %% of a wave have failed") % {"percent": percent})
    return _(" or ").join(parts) or _("only when a whole wave has failed")


def word_parameters(kind: str, parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, value) of what every operation gets, as its kind words them."""
    try:
        declared = {one.name: one for one in get_kind(kind).list_offered()}
    except CiviparoisseError:
        declared = {}
    told = []
    for name, value in parameters.items():
        one = declared.get(name)
        words = dict(one.told_choices or one.choices) if one else {}
        label = str(one.get_told() or name) if one else name
        text = ", ".join(value) if isinstance(value, list) else str(words.get(str(value)) or value)
        told.append((label[:1].upper() + label[1:], text))
    return told


def word_event(event: CampaignEvent) -> str:
    """Return what happened, with what was said to it."""
    told = [str(EVENT_WORDS.get(event.what, event.what))]
    if event.what == "wave" and "number" in event.data:
        told = [_("wave %(number)s began") % {"number": event.data["number"]}]
    told += [str(event.data[name]) for name in SAID if event.data.get(name)]
    return " – ".join(told)


def _join_some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f", … (+{more})" if more > 0 else "")
