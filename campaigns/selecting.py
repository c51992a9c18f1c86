"""Which instances a campaign is for: a filter, read strictly, and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from domain.campaigns import MOST_MEMBERS
from domain.errors import InvalidValue
from domain.specs import InstanceKind
from domain.states import InstanceState
from tenants.models import Instance, Plan, Release

# What nobody selects: the place of a proof is made and removed by the proof itself.
SELECTABLE_KINDS = (InstanceKind.PRODUCTION.value, InstanceKind.SANDBOX.value)
SELECTABLE_STATES = tuple(state.value for state in InstanceState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Each: only these; empty for all. `slugs`: of instances or of parishes. `volunteers`: only parishes that go first,
    or only the others; None for both."""

    states: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    volunteers: bool | None = None


LISTS = ("states", "clusters", "releases", "plans", "slugs", "kinds")


def read_selection(given: Mapping[str, Any]) -> Selection:
    """Return the selection written in `given`, e.g. {"kinds": ["production"], "releases": ["2026-11"]}. Raise
    InvalidValue for a name or a value that there is not: a slip must not become "everybody"."""
    if not isinstance(given, Mapping):
        raise _make_fault(_("give names with their values."))
    for name in sorted(str(name) for name in set(given) - {*LISTS, "volunteers"}):
        raise _make_fault(
            _("there is no %(name)s to select by; there are %(names)s.")
            % {
                "name": name,
                "names": ", ".join((*LISTS, "volunteers")),
            }
        )
    volunteers = given.get("volunteers")
    if volunteers is not None and not isinstance(volunteers, bool):
        raise _make_fault(_("give true or false.") + " (volunteers)")
    selection = Selection(**{name: _read_list(name, given.get(name)) for name in LISTS}, volunteers=volunteers)
    _refuse_unknown("states", selection.states, SELECTABLE_STATES)
    _refuse_unknown("kinds", selection.kinds, SELECTABLE_KINDS)
    if selection.clusters:
        _refuse_unknown("clusters", selection.clusters, Instance.objects.values_list("engine", flat=True).distinct())
    if selection.releases:
        _refuse_unknown("releases", selection.releases, Release.objects.values_list("name", flat=True))
    if selection.plans:
        _refuse_unknown("plans", selection.plans, Plan.objects.values_list("name", flat=True))
    if selection.slugs:
        named = Instance.objects.filter(kind__in=SELECTABLE_KINDS).values_list("identifier", "tenant__slug")
        _refuse_unknown("slugs", selection.slugs, {name for pair in named for name in pair})
    return selection


def list_instances(selection: Selection) -> QuerySet[Instance]:
    """Return the instances of `selection`, in the order of their names. Those that were deleted are none, unless their
    state is asked for."""
    rows = Instance.objects.filter(kind__in=selection.kinds or SELECTABLE_KINDS)
    if selection.states:
        rows = rows.filter(state__in=selection.states)
    else:
        rows = rows.exclude(state=InstanceState.DELETED.value)
    for name, column in (("clusters", "engine"), ("releases", "release__name"), ("plans", "plan__name")):
        if wanted := getattr(selection, name):
            rows = rows.filter(**{f"{column}__in": wanted})
    if selection.slugs:
        rows = rows.filter(Q(identifier__in=selection.slugs) | Q(tenant__slug__in=selection.slugs))
    if selection.volunteers is not None:
        rows = rows.filter(tenant__volunteer__isnull=not selection.volunteers)
    return rows.select_related("tenant", "plan", "release", "tenant__volunteer").order_by("identifier")


def _read_list(name: str, given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)) or not all(isinstance(value, str) and value for value in given):
        raise _make_fault(_("give a list of texts.") + f" ({name})")
    if not given or len(given) > MOST_MEMBERS:
        raise _make_fault(_("give 1 to %(most)s texts, or leave it out.") % {"most": MOST_MEMBERS} + f" ({name})")
    return tuple(dict.fromkeys(given))


def _refuse_unknown(name: str, wanted: tuple[str, ...], known: Any) -> None:
    if not wanted:
        return
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise _make_fault(_("there are none like that: %(names)s") % {"names": ", ".join(unknown[:10])} + f" ({name})")


def _make_fault(reason: str) -> InvalidValue:
    return InvalidValue(field="selection", reason=reason)
