"""What an instance reserves, by its plan. The same for all parishes, so it is computed once for each."""

import json
from dataclasses import asdict

from domain.footprints import Footprint
from domain.specs import Plan
from manifests.footprints import make_footprint
from tenants.models import Instance
from tenants.specs import make_plan

DEFAULT_BLUEPRINT = "civiparoisse-1"
MOST_KEPT = 256
_kept: dict[tuple[str, str], Footprint] = {}


def compute_footprint(plan: Plan, *, blueprint: str = DEFAULT_BLUEPRINT) -> Footprint:
    """Return what an instance of `plan` takes. Raise CiviparoisseError when its objects cannot be made."""
    key = (json.dumps(asdict(plan), sort_keys=True), blueprint)
    if key not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = make_footprint(plan, blueprint=blueprint)
    return _kept[key]


def get_footprint(instance: Instance) -> Footprint:
    """Return what `instance` takes by its plan as it is now, whose containers may be prefetched. Raise
    CiviparoisseError when its objects cannot be made."""
    return compute_footprint(make_plan(instance.plan, grown=instance.grown_volumes))
