"""What an instance reserves, by its plan. The same for all parishes, so it is computed once for each."""

from collections.abc import Hashable, Mapping
from dataclasses import fields
from typing import Any

from domain.footprints import Footprint
from domain.specs import Plan
from manifests.footprints import make_footprint
from tenants.models import Instance
from tenants.specs import make_plan

DEFAULT_BLUEPRINT = "civiparoisse-1"
MOST_KEPT = 256
_kept: dict[tuple[Hashable, ...], Footprint] = {}


def compute_footprint(plan: Plan, *, blueprint: str = DEFAULT_BLUEPRINT) -> Footprint:
    """Return what an instance of `plan` takes. Raise CiviparoisseError when its objects cannot be made."""
    key = (blueprint, *(_make_hashable(getattr(plan, field.name)) for field in fields(plan)))
    if key not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = make_footprint(plan, blueprint=blueprint)
    return _kept[key]


def _make_hashable(value: Any) -> Hashable:
    # Compared for every parish of a page: quicker than writing the plan out.
    return frozenset(value.items()) if isinstance(value, Mapping) else value


def get_footprint(instance: Instance) -> Footprint:
    """Return what `instance` takes by its plan as it is now, whose containers may be prefetched. Raise
    CiviparoisseError when its objects cannot be made."""
    return compute_footprint(make_plan(instance.plan, grown=instance.grown_volumes))
