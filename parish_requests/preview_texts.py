"""A preview in words: what would be lost first, in a sentence; then before, after and difference. Reads nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from civiparoisse.presentation import NOTHING
from domain.figures import SUM, FigureCode
from domain.parish_requests import RequestScope
from finops.wording.formats import format_money, format_signed_money
from parish_requests.preview_documents import CONTRIBUTIONS, parse_moment

CODES = FigureCode
LABELS: Mapping[str, Any] = {
    CODES.CONTACTS.value: gettext_lazy("contacts"),
    CODES.HOUSEHOLDS.value: gettext_lazy("households"),
    CODES.CONTRIBUTIONS.value: gettext_lazy("contributions"),
    SUM: gettext_lazy("sum of the contributions"),
    CODES.PARTICIPANTS.value: gettext_lazy("participants of events"),
    CODES.MEMBERSHIPS.value: gettext_lazy("memberships"),
    CODES.MAILINGS.value: gettext_lazy("mailings sent"),
    CODES.ACTIVITIES.value: gettext_lazy("activities"),
    CODES.USERS.value: gettext_lazy("accounts of the site"),
    CODES.FILES.value: gettext_lazy("files"),
}
# Counted things, as they stand in a sentence.
COUNTED: Mapping[str, Any] = {
    CODES.CONTACTS.value: ngettext_lazy("%(number)s contact", "%(number)s contacts", "count"),
    CODES.HOUSEHOLDS.value: ngettext_lazy("%(number)s household", "%(number)s households", "count"),
    CODES.CONTRIBUTIONS.value: ngettext_lazy("%(number)s contribution", "%(number)s contributions", "count"),
    CODES.PARTICIPANTS.value: ngettext_lazy(
        "%(number)s participant of an event", "%(number)s participants of events", "count"
    ),
    CODES.MEMBERSHIPS.value: ngettext_lazy("%(number)s membership", "%(number)s memberships", "count"),
    CODES.MAILINGS.value: ngettext_lazy("%(number)s mailing", "%(number)s mailings", "count"),
    CODES.ACTIVITIES.value: ngettext_lazy("%(number)s activity", "%(number)s activities", "count"),
    CODES.USERS.value: ngettext_lazy("%(number)s account of the site", "%(number)s accounts of the site", "count"),
    CODES.FILES.value: ngettext_lazy("%(number)s file", "%(number)s files", "count"),
}
# What hurts most comes first.
ORDER = (
    CODES.CONTRIBUTIONS, CODES.CONTACTS, CODES.HOUSEHOLDS, CODES.MEMBERSHIPS, CODES.PARTICIPANTS, CODES.MAILINGS,
    CODES.ACTIVITIES, CODES.USERS, CODES.FILES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One line of the table. `then`: at the moment to go back to, hence after the restore; `now`: before it."""

    label: str
    then: str
    now: str
    difference: str


@dataclass(frozen=True, slots=True)
class PreviewText:
    """A preview for people. `lead`: what would be lost, in one sentence or two."""

    lead: str
    rows: list[PreviewRow]
    warnings: list[str]


def describe_preview(document: Mapping[str, Any]) -> PreviewText:
    """Return a document of preview_documents in the active language; of an empty one, that nothing changes."""
    if not document:
        return PreviewText(_("Nothing of the site changes."), [], [])
    rows = [_make_row(entry) for entry in document["figures"] if entry["code"] in LABELS]
    newest = document["newest"]
    if newest["then"] or newest["now"]:
        then, now = _format_moment(newest["then"]), _format_moment(newest["now"])
        rows.append(PreviewRow(_("newest change"), then, now, ""))
    return PreviewText(_make_lead(document), rows, [describe_warning(entry) for entry in document["warnings"]])


def _make_lead(document: Mapping[str, Any]) -> str:
    moment = {"moment": _format_day(document["moment"])}
    if document["scope"] == RequestScope.PART:
        return (
            _("Only the file or folder that was chosen is put back; what else changed since %(moment)s stays.") % moment
        )
    if not document["figures"]:
        return _("What would be lost since %(moment)s is not known: the two sides cannot be compared.") % moment
    sentences = []
    if lost := _list_things(document["lost"]):
        sentences.append(_("What was entered since %(moment)s would be lost: %(things)s.") % {**moment, "things": lost})
    if changed := _list_things(document["changed"]):
        told = _("What was changed since %(moment)s would be as before: %(things)s.")
        sentences.append(told % {**moment, "things": changed})
    if not sentences and document["is_whole"]:
        sentences.append(_("Nothing that is counted would be lost: nothing was entered since %(moment)s.") % moment)
    elif not sentences:
        told = _("Of what can be compared nothing would be lost: nothing was entered since %(moment)s.")
        sentences.append(told % moment)
    if back := _list_things(document["returns"]):
        sentences.append(_("What was removed since would come back: %(things)s.") % {"things": back})
    return " ".join(sentences)


def _list_things(numbers: Mapping[str, int]) -> str:
    """Return numbers of things between commas, contributions with their sum; empty for none."""
    things = []
    for code in ORDER:
        if not (number := numbers.get(code.value)):
            continue
        thing = _count(code.value, number)
        if code.value == CONTRIBUTIONS and numbers.get(SUM):
            thing = _("%(things)s (%(sum)s)") % {"things": thing, "sum": _format_cents(numbers[SUM])}
        things.append(thing)
    return ", ".join(things)


def _count(code: str, number: int) -> str:
    return str(COUNTED[code] % {"count": number, "number": _format_count(number)})


def _make_row(entry: Mapping[str, Any]) -> PreviewRow:
    is_sum = entry["code"] == SUM
    write: Callable[[int], str] = _format_cents if is_sum else _format_count
    difference = entry["difference"]
    sign = "+" if difference > 0 else "−" if difference < 0 else ""
    signed = format_signed_money(Decimal(difference) / 100) if is_sum else f"{sign}{_format_count(abs(difference))}"
    return PreviewRow(str(LABELS[entry["code"]]), write(entry["then"]), write(entry["now"]), signed)


def _describe_mailings(params: Mapping[str, Any]) -> str:
    mailings = _count(CODES.MAILINGS.value, params["count"])
    return _("Sent since that moment: %(mailings)s. The site would not remember it, and might send it again.") % {
        "mailings": mailings
    }


def _describe_payments(params: Mapping[str, Any]) -> str:
    gifts = _list_things({CONTRIBUTIONS: params["count"], SUM: params.get("cents") or 0})
    told = _("Entered since that moment: %(gifts)s. The money was received, and the site would know nothing of it.")
    return told % {"gifts": gifts}


def _describe_release(params: Mapping[str, Any]) -> str:
    told = _(
        "The site was upgraded to %(now)s since: the data of that moment is of %(then)s and is put back as it is, "
        "so UEPAL may have to upgrade it again."
    )
    return told % params


def _describe_others(params: Mapping[str, Any]) -> str:
    count = params["count"]
    told = ngettext(
        "%(count)s other request of this parish is open.", "%(count)s other requests of this parish are open.", count
    )
    return told % {"count": _format_count(count)}


_WARNINGS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "mailing_since": _describe_mailings,
    "payment_since": _describe_payments,
    "older_release": _describe_release,
    "others_asked": _describe_others,
    "not_proven": lambda _params: _("This moment was never proven by restoring it; it was read back and is whole."),
    "set_not_known": lambda _params: _(
        "This moment was saved before figures were written down: what it held cannot be told in numbers."
    ),
    "now_not_known": lambda _params: _("What the site holds now could not be counted: it did not answer."),
    "restored_since": lambda params: (
        _("The site was restored since that moment, last on %(time)s.") % {"time": _format_moment(params["at"])}
    ),
    "partly_known": lambda params: (
        _("What would be lost of these is not known for certain: %(things)s.")
        % {"things": ", ".join(str(LABELS[code]) for code in params["codes"] if code in LABELS)}
    ),
}


def describe_warning(warning: Mapping[str, Any]) -> str:
    """Return one warning of a document in words; its code where this program does not know it."""
    describe = _WARNINGS.get(warning["code"])
    return str(warning["code"]) if describe is None else describe(warning.get("params") or {})


def _format_count(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def _format_cents(cents: int) -> str:
    return format_money(Decimal(cents) / 100)


def _format_moment(text: str | None) -> str:
    moment = parse_moment(text)
    return NOTHING if moment is None else date_format(localtime(moment), "DATETIME_FORMAT")


def _format_day(text: str | None) -> str:
    """Return a moment with the day of the week, as people remember it."""
    moment: datetime | None = parse_moment(text)
    if moment is None:
        return _("that moment")
    local = localtime(moment)
    day = {"weekday": date_format(local, "l"), "moment": date_format(local, "DATETIME_FORMAT")}
    return _("%(weekday)s %(moment)s") % day
