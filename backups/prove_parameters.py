"""What a proof accepts, and what it says it will do. Called before anything is written."""

from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from backups.holders import find_remover
from backups.models import Backup
from backups.proof_sources import VOLUME, choose_at_random, is_turn_of_volume, list_places_away
from backups.selectors import list_whole_backups
from domain.errors import CiviparoisseError, InvalidValue
from domain.specs import InstanceKind
from operations.declared_parameters import BackupUse, Parameter
from tenants.models import Instance


def offer_sets(instance: Instance) -> list[tuple[str, str]]:
    """Return the sets that can be proven, the newest first."""
    return [(row.backup_id, _describe(row)) for row in list_whole_backups(instance)]


def offer_sources(instance: Instance) -> list[tuple[str, str]]:
    """Return the places that sets can be proven from."""
    found = list_places_away(list_whole_backups(instance).values_list("backup_id", flat=True))
    names = sorted({name for places in found.values() for name in places} - {VOLUME})
    return [(VOLUME, _("its backup volume")), *((name, name) for name in names)]


PROVE_PARAMETERS = (
    Parameter(
        name="backup",
        length=32,
        default="",
        summary=gettext_noop("A good backup of everything (the newest one that is not proven by default)."),
        offers=offer_sets,
        none_label=gettext_lazy("the newest one that is not proven yet"),
        label=gettext_lazy("Which backup is proven"),
        of_backups=BackupUse.READ,
    ),
    Parameter(
        name="source",
        length=40,
        default="",
        summary=gettext_noop(
            'Where it is taken from: "volume", or a destination with a checked copy (in turn by default).'
        ),
        offers=offer_sources,
        none_label=gettext_lazy("in turn: the volume, then a copy elsewhere"),
        label=gettext_lazy("From where"),
    ),
)


def validate_prove(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return `parameters` with the set that is proven. Raise InvalidValue, or CiviparoisseError `nothing_to_prove`,
    `proof_of_production` or `backup_leaving`."""
    if instance.kind != InstanceKind.PRODUCTION:
        raise CiviparoisseError("proof_of_production", instance=instance.identifier)
    chosen, source = choose(instance, parameters["backup"], parameters["source"])
    remover = find_remover([chosen.backup_id])
    if remover is not None and source == VOLUME:
        raise CiviparoisseError("backup_leaving", backup_id=chosen.backup_id, operation=remover.public_id)
    return {**parameters, "backup": chosen.backup_id, "source": source}


def choose(instance: Instance, name: str, source: str) -> tuple[Backup, str]:
    """Return the set that is proven and the place that it comes from. `name`, `source`: as asked, "" for what comes
    next: the newest set not proven yet, of the volume and of the places away in turn. Raise as `validate_prove`."""
    rows = list_whole_backups(instance)
    if name and not (rows := rows.filter(backup_id=name)):
        reason = _("%(backup)s is no good backup of everything of %(instance)s.")
        raise InvalidValue(field="backup", reason=reason % {"backup": name, "instance": instance.identifier})
    away = {} if source == VOLUME else list_places_away(rows.values_list("backup_id", flat=True))
    if source not in ("", VOLUME):
        away = {backup_id: [source] for backup_id, names in away.items() if source in names}
        if not away:
            reason = _("%(place)s has no checked copy of it.") % {"place": source}
            raise InvalidValue(field="source", reason=reason, well_formed=True)
    elif away and is_turn_of_volume(instance):
        away = {}
    chosen = pick_set(rows.filter(backup_id__in=list(away)) if away else rows)
    if chosen is None:
        raise CiviparoisseError("nothing_to_prove", instance=instance.identifier)
    return chosen, choose_at_random(away[chosen.backup_id]) if away else VOLUME


def pick_set(rows: QuerySet[Backup]) -> Backup | None:
    """Return the first of `rows` that is not proven yet, else the first; None without any."""
    return rows.filter(proven_at=None).first() or rows.first()


def describe_prove(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the proof does, in sentences. `parameters`: as validated."""
    names = {"instance": instance.identifier, "backup": parameters["backup"], "place": parameters["source"]}
    away = _("It is taken from its copy at %(place)s.") % names
    return [
        _("The backup %(backup)s of %(instance)s is restored into an instance made for that, and judged there.")
        % names,
        *([away] if parameters["source"] != VOLUME else []),
        _("It sends no mail, runs no cron and nobody can reach it; it is removed at the end, whatever happens."),
        _("%(instance)s goes on working; nothing of it is changed, and other operations do not wait.") % names,
    ]


def _describe(row: Backup) -> str:
    taken = date_format(localtime(row.started_at), "DATETIME_FORMAT")
    if row.proven_at is None:
        return taken
    return _("%(time)s, proven on %(date)s") % {
        "time": taken,
        "date": date_format(localtime(row.proven_at), "SHORT_DATE_FORMAT"),
    }
