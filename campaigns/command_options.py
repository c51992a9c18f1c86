"""A campaign as options of a command, and what was typed as the document that drafts.py reads."""

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from campaigns.drafts import list_campaign_kinds
from campaigns.selecting import LISTS
from campaigns.windows import DAYS
from domain.campaigns import CampaignOrder
from domain.errors import InvalidValue
from operations.declared_parameters import ParameterType
from operations.registry import get_kind

REST = "rest"
NEVER = "never"


def add_draft_options(parser: ArgumentParser) -> None:
    """Add an option for each thing that a campaign says."""
    parser.add_argument("--name", required=True, help=_("what people call it"))
    parser.add_argument("--kind", required=True, choices=[kind.code for kind in list_campaign_kinds()])
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help=_("a parameter of every operation")
    )
    names = ", ".join((*LISTS, "volunteers"))
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="NAME=VALUE[,VALUE]",
        help=_("only instances of these (%(names)s); all by default") % {"names": names},
    )
    parser.add_argument("--order", choices=[order.value for order in CampaignOrder], help=_("who comes first"))
    parser.add_argument("--waves", help=_("how many in each, e.g. 1,5,rest (the default)"))
    parser.add_argument("--at-once", type=int, metavar="N", help=_("so many at work at once per cluster (2)"))
    parser.add_argument(
        "--window",
        action="append",
        default=[],
        metavar="HH:MM-HH:MM[@mon,tue]",
        help=_("begin only then; at any time by default"),
    )
    parser.add_argument("--time-zone", help=_("of the windows and days (Europe/Paris)"))
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="DAY",
        help=_("begin nothing on that day: sun, 12-24..12-26 (every year), 2026-12-31"),
    )
    parser.add_argument("--stop-after", metavar="N", help=_("stop after so many failures (3), or never"))
    parser.add_argument("--stop-share", metavar="PERCENT", help=_("stop above this share of a wave (20), or never"))
    parser.add_argument("--notes", default="", help=_("for those who look at it"))
    parser.add_argument("--notes-read", action="store_true", help=_("the notes of the release were read"))


def read_draft_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return the document of what was typed. Raise InvalidValue for an option that cannot be read."""
    document: dict[str, Any] = {
        "name": options["name"],
        "kind": options["kind"],
        "parameters": _read_parameters(options["kind"], options["set"]),
        "selection": _read_selection(options["select"]),
        "windows": [_read_window(text) for text in options["window"]],
        "blackout": _read_days_without(options["without"]),
        "notes": options["notes"],
        "notes_read": options["notes_read"],
    }
    if options["waves"] is not None:
        document["waves"] = [{"size": _read_size(text)} for text in options["waves"].split(",")]
    for option, name in (("order", "order"), ("at_once", "limit_per_cluster"), ("time_zone", "time_zone")):
        if options[option] is not None:
            document[name] = options[option]
    for option, name in (("stop_after", "stop_after_failures"), ("stop_share", "stop_share_percent")):
        if options[option] is not None:
            document[name] = None if options[option] == NEVER else _read_number(name, options[option])
    return document


def _read_pairs(field: str, texts: list[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidValue(field=field, reason=_("write NAME=VALUE."))
        pairs.append((name.strip(), value.strip()))
    return pairs


def _read_parameters(code: str, texts: list[str]) -> dict[str, Any]:
    numbers = {one.name for one in get_kind(code).parameters if one.type is ParameterType.NUMBER}
    pairs = _read_pairs("parameters", texts)
    return {name: _read_number(name, value) if name in numbers else value for name, value in pairs}


def _read_selection(texts: list[str]) -> dict[str, Any]:
    selection: dict[str, Any] = {}
    for name, value in _read_pairs("selection", texts):
        if name == "volunteers":
            if value not in ("true", "false"):
                raise InvalidValue(field="selection", reason=_("give true or false.") + f" ({name})")
            selection[name] = value == "true"
        else:
            selection.setdefault(name, []).extend(part.strip() for part in value.split(","))
    return selection


def _read_window(text: str) -> dict[str, Any]:
    times, at, days = text.partition("@")
    begins, _dash, ends = times.partition("-")
    window: dict[str, Any] = {"from": begins.strip(), "to": ends.strip()}
    return {**window, "days": [day.strip() for day in days.split(",")]} if at else window


def _read_days_without(texts: list[str]) -> dict[str, Any]:
    weekdays = [text for text in texts if text in DAYS]
    dates = [text for text in texts if text not in DAYS]
    return {name: values for name, values in (("weekdays", weekdays), ("dates", dates)) if values}


def _read_size(text: str) -> int | None:
    return None if text.strip() == REST else _read_number("waves", text.strip())


def _read_number(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidValue(field=field, reason=_("give a whole number."))
    return int(text)
