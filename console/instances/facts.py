"""What an instance's page says of it, as names and texts."""

from typing import Any

from django.utils.translation import gettext as _

from backups.last_failure import find_last_failures
from backups.policies import find_policy
from backups.pruning import find_purge_time
from civiparoisse.presentation import NOTHING, format_time
from clusters.images import list_images
from clusters.models import CertificateExpiry
from domain.errors import render_error
from domain.specs import InstanceKind
from domain.states import InstanceState
from domain.words import word
from offsite.models import Destination
from offsite.protection import get_last_protected
from operations.room import get_room
from tenants.models import Activity, Instance


def list_facts(instance: Instance) -> list[tuple[str, str]]:
    """Return (name, text) of what the instance is."""
    return [
        (_("Kind"), str(instance.get_kind_display())),
        (_("Host"), instance.host),
        (_("Plan"), instance.plan.name),
        (_("Release"), instance.release.name),
        (_("Engine"), instance.engine),
        *(_list_activity(instance) if instance.state == InstanceState.ACTIVE else []),
        *_list_use(instance),
        *_list_expiry(instance),
        *_list_protection(instance),
        *_list_room(instance),
        *_list_images(instance),
        (_("Recorded on"), format_time(instance.created_at)),
        *_list_kept(instance),
        *([(_("Purge proven on"), format_time(instance.purged_at))] if instance.purged_at else []),
    ]


def _list_activity(instance: Instance) -> list[tuple[str, str]]:
    """Return what an instance that runs does by itself; one that does not run does nothing."""
    cron = _("succeeded") if instance.cron_last_ok else _("failed")
    ran = f"{format_time(instance.cron_last_run_at)} ({cron})" if instance.cron_last_ok is not None else NOTHING
    return [
        (_("Outgoing mail"), _("on") if instance.mail_enabled else _("off")),
        (_("Cron"), _("on") if instance.cron_enabled else _("off")),
        (_("Last cron run"), ran),
        (_("Next cron run"), format_time(instance.cron_next_run_at)),
    ]


def _list_use(instance: Instance) -> list[tuple[str, str]]:
    """Return when somebody last used it, by the two signals there are."""
    seen = Activity.objects.filter(instance=instance).first() or Activity()
    login = visit = _("not known")
    if seen.login_at or seen.logins_looked_at:
        login = format_time(seen.login_at) if seen.login_at else _("never")
    if seen.visited_at:
        visit = format_time(seen.visited_at)
    elif seen.visits_counted_since:
        visit = _("none since %(time)s") % {"time": format_time(seen.visits_counted_since)}
    return [(_("Last login"), login), (_("Last visit"), visit)]


def _list_room(instance: Instance) -> list[tuple[str, str]]:
    """Return how full its volumes are, where a look told."""
    room = get_room(instance)
    if room is None:
        return []
    used = ", ".join(f"{word('volume', name)} {percent} %" for name, percent in room.percents.items())
    return [(_("Volumes used"), f"{used} ({format_time(room.at)})")]


def _list_protection(instance: Instance) -> list[tuple[str, str]]:
    """Return of when the newest set is that has a checked copy elsewhere, where there are destinations."""
    if instance.kind != InstanceKind.PRODUCTION or not Destination.objects.filter(enabled=True).exists():
        return []
    protected = get_last_protected(instance)
    return [(_("Last backup with a copy elsewhere"), format_time(protected) if protected else _("none"))]


def _list_kept(instance: Instance) -> list[tuple[str, str]]:
    """Return until when the backups of a deleted instance are kept."""
    until = find_purge_time(instance, find_policy(instance))
    return [] if until is None else [(_("Its backups are kept until"), format_time(until))]


def _list_images(instance: Instance) -> list[tuple[str, str]]:
    """Return each image that a cluster runs for it, with who names it."""
    facts = []
    for image in list_images(instance):
        sources = ", ".join(word("source", source) for source in image["sources"])
        facts.append((_("Image %(role)s") % {"role": image["role"]}, f"{image['reference']} ({sources})"))
    return facts


def _list_expiry(instance: Instance) -> list[tuple[str, str]]:
    """Return when its certificates expire, where a cluster told; they are renewed by themselves before."""
    seen = CertificateExpiry.objects.filter(instance=instance).first()
    return [] if seen is None else [(_("Certificates valid until"), format_time(seen.expires_at))]


def describe_failed_backup(instance: Any) -> dict[str, Any] | None:
    """Return what is said of the last backup where it failed, and nothing good came after."""
    row = find_last_failures([instance.pk]).get(instance.pk)
    if row is None or not row.error_code:
        return None
    message, hint = render_error(row.error_code, row.error_params)
    return {"row": row, "message": message, "hint": hint}
