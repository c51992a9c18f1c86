"""A campaign as somebody writes it down, before it is one: read strictly, the same from every door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from campaigns.selecting import read_selection
from campaigns.windows import read_calendar
from domain.campaigns import (
    DEFAULT_TIME_ZONE,
    DEFAULT_WAVES,
    MOST_AT_ONCE,
    MOST_MEMBERS,
    MOST_WAVES,
    NAME_LENGTH,
    NOTES_LENGTH,
    CampaignOrder,
)
from domain.errors import InvalidValue
from operations.declarations import KindDefinition
from operations.registry import get_kind, list_kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDraft:
    """What a campaign shall be. The fields are those of models.Campaign; `notes_read`: that the notes of the release
    were read, which an upgrade of everybody takes."""

    name: str
    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)
    selection: dict[str, Any] = field(default_factory=dict)
    order: CampaignOrder = CampaignOrder.SAFEST_FIRST
    waves: tuple[int | None, ...] = DEFAULT_WAVES
    limit_per_cluster: int = 2
    windows: tuple[dict[str, Any], ...] = ()
    time_zone: str = DEFAULT_TIME_ZONE
    blackout: dict[str, Any] = field(default_factory=dict)
    stop_after_failures: int | None = 3
    stop_share_percent: int | None = 20
    notes: str = ""
    notes_read: bool = False


FIELDS = tuple(CampaignDraft.__dataclass_fields__)


def list_campaign_kinds() -> list[KindDefinition]:
    """Return the kinds that may be asked of many instances at once, as people are shown them."""
    return [kind for kind in list_kinds() if kind.campaign_parameters is not None]


def read_draft(document: Mapping[str, Any]) -> CampaignDraft:
    """Return the draft written in `document`: the fields of CampaignDraft, `waves` as [{"size": 1}, …, {"size": null}].
    What is not given has its default. Raise InvalidValue or NotFound for the first fault, with its field."""
    for name in sorted(set(document) - set(FIELDS)):
        raise InvalidValue(field=name, reason=_("a campaign has no such field."))
    values = dict(document)
    for name, least, most in (
        ("limit_per_cluster", 1, MOST_AT_ONCE),
        ("stop_after_failures", 1, MOST_MEMBERS),
        ("stop_share_percent", 1, 100),
    ):
        if name in values and not (values[name] is None and name != "limit_per_cluster"):
            _read_number(name, values[name], least=least, most=most)
    values["name"] = _read_text("name", values.get("name", ""), most=NAME_LENGTH, is_required=True)
    values["notes"] = _read_text("notes", values.get("notes", ""), most=NOTES_LENGTH)
    kind = _read_kind(values.get("kind"))
    values["kind"] = kind.code
    values["parameters"] = _read_parameters(kind, values.get("parameters") or {})
    values["order"] = _read_order(values.get("order", CampaignOrder.SAFEST_FIRST))
    values["waves"] = _read_waves(values.get("waves", [{"size": size} for size in DEFAULT_WAVES]))
    selection = _read_mapping("selection", values.get("selection") or {})
    read_selection(selection)
    values["selection"] = selection
    values["windows"] = values.get("windows") or ()
    values["blackout"] = _read_mapping("blackout", values.get("blackout") or {})
    values["time_zone"] = values.get("time_zone") or DEFAULT_TIME_ZONE
    read_calendar(windows=values["windows"], blackout=values["blackout"], time_zone=values["time_zone"])
    values["windows"] = tuple(values["windows"])
    if not isinstance(values.get("notes_read", False), bool):
        raise InvalidValue(field="notes_read", reason=_("give true or false."))
    return CampaignDraft(**values)


def write_waves(waves: Sequence[int | None]) -> list[dict[str, int | None]]:
    """Return waves as a campaign keeps them."""
    return [{"size": size} for size in waves]


def _read_kind(code: object) -> KindDefinition:
    offered = {kind.code: kind for kind in list_campaign_kinds()}
    if not isinstance(code, str) or code not in offered:
        raise InvalidValue(field="kind", reason=_("give one of %(names)s.") % {"names": ", ".join(offered)})
    return get_kind(code)


def _read_parameters(kind: KindDefinition, given: object) -> dict[str, Any]:
    """Return `given`: only what is the same for all of them. Whether it makes sense for each is told by the plan."""
    parameters = _read_mapping("parameters", given)
    common = kind.campaign_parameters or frozenset()
    for name in sorted(set(parameters) - common):
        raise InvalidValue(field=name, reason=_("a campaign cannot say this for all of them."))
    for declared in kind.parameters:
        if declared.name not in common:
            continue
        value = parameters.get(declared.name)
        if value is not None and value != "":
            declared.check(value)
        elif declared.is_required:
            raise InvalidValue(field=declared.name, reason=_("name one."))
    return parameters


def _read_waves(given: object) -> tuple[int | None, ...]:
    if not isinstance(given, (list, tuple)) or not 1 <= len(given) <= MOST_WAVES:
        raise InvalidValue(field="waves", reason=_("give 1 to %(most)s waves.") % {"most": MOST_WAVES})
    sizes: list[int | None] = []
    for place, wave in enumerate(given):
        if not isinstance(wave, Mapping) or set(wave) != {"size"}:
            raise InvalidValue(field="waves", reason=_('write each as {"size": 5}; null for the rest, the last.'))
        size = wave["size"]
        if size is None and place != len(given) - 1:
            raise InvalidValue(field="waves", reason=_("only the last wave is the rest."))
        if size is not None:
            _read_number("waves", size, least=1, most=MOST_MEMBERS)
        sizes.append(size)
    # Whoever is selected takes part: what no wave names is the last one.
    return tuple(sizes) if sizes[-1] is None else (*sizes, None)


def _read_order(given: object) -> CampaignOrder:
    if not isinstance(given, str) or given not in set(CampaignOrder):
        names = ", ".join(order.value for order in CampaignOrder)
        raise InvalidValue(field="order", reason=_("give one of %(names)s.") % {"names": names})
    return CampaignOrder(given)


def _read_number(name: str, value: object, *, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        reason = _("give a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        raise InvalidValue(field=name, reason=reason)


def _read_text(name: str, value: object, *, most: int, is_required: bool = False) -> str:
    if not isinstance(value, str):
        raise InvalidValue(field=name, reason=_("give a text."))
    text = value.strip()
    if "\x00" in text or len(text) > most or (is_required and (not text or not text.isprintable())):
        raise InvalidValue(field=name, reason=_("write something, in at most %(most)s characters.") % {"most": most})
    return text


def _read_mapping(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InvalidValue(field=name, reason=_("give names with their values."))
    return dict(value)
