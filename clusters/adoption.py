"""What an adoption says it will do, and whether there is anything to adopt. Nothing is written."""

from typing import Any

from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from domain.fleet import Adoptable
from engine.registry import get_engine
from tenants.models import Instance
from tenants.specs import make_instance_spec, select_wanted_components

SHOWN_CHANGES = 12


def look(instance: Instance) -> Adoptable:
    """Return what stands under the instance's name. Raise CiviparoisseError `nothing_to_adopt`."""
    spec = make_instance_spec(instance, components=select_wanted_components(instance))
    found = get_engine(instance.engine).look_at_adoptable(spec)
    if found is None:
        raise CiviparoisseError("nothing_to_adopt", instance=instance.identifier, engine=instance.engine)
    return found


def refuse_adoption(instance: Instance, _parameters: dict[str, Any]) -> None:
    """Raise CiviparoisseError `nothing_to_adopt` where nothing of an instance stands under the name."""
    look(instance)


def describe_adoption(instance: Instance, _parameters: dict[str, Any]) -> list[str]:
    """Return whose it is now, what stays and what would be changed, in sentences. Raise as `look`."""
    found, name = look(instance), instance.identifier
    holder = _("%(instance)s bears the mark of another manager (%(holder)s): it must not look after it any more.")
    nobody = _("%(instance)s bears no manager’s mark.")
    lines = [(holder if found.holder else nobody) % {"instance": name, "holder": found.holder}]
    lines.append(
        _("Its data stays: %(volumes)s; so do its passwords and keys.") % {"volumes": ", ".join(found.volumes)}
    )
    changed = _("%(object)s %(path)s changes from %(found)s to %(wanted)s.")
    absent = _("absent")
    for drift in found.changes[:SHOWN_CHANGES]:
        values = {"found": drift.found or absent, "wanted": drift.wanted or absent}
        lines.append(changed % {"object": drift.object, "path": drift.path or "–", **values})
    if more := len(found.changes) - SHOWN_CHANGES:
        if more > 0:
            lines.append(_("And %(count)s more changes.") % {"count": more})
    return lines
