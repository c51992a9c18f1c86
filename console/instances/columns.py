"""What lists show of instances: states and ages of backups as badges."""

from datetime import datetime

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from backups.ages import grade_age
from backups.freshness import Level
from backups.proof_ages import get_proof_facts
from civiparoisse.presentation import BAD, BUSY, DOUBTFUL, GOOD, NOTHING, QUIET, format_age, format_time
from domain.specs import InstanceKind
from domain.states import InstanceState
from tenants.models import Instance
from watch.checks.troubles import WITHOUT_DATA

STATE_COLOURS = {
    InstanceState.NEW.value: QUIET,
    InstanceState.PROVISIONING.value: BUSY,
    InstanceState.ACTIVE.value: GOOD,
    InstanceState.SUSPENDING.value: BUSY,
    InstanceState.SUSPENDED.value: DOUBTFUL,
    InstanceState.RESUMING.value: BUSY,
    InstanceState.RESTORING.value: BUSY,
    InstanceState.RESIZING.value: BUSY,
    InstanceState.UPGRADING.value: BUSY,
    InstanceState.DELETING.value: BUSY,
    InstanceState.DELETED.value: QUIET,
    InstanceState.FAILED.value: BAD,
}
LEVEL_COLOURS = {Level.OK: GOOD, Level.WARNING: DOUBTFUL, Level.CRITICAL: BAD, Level.UNKNOWN: BAD}


def make_badge(text: object, colour: str) -> SafeString:
    """Return `text` in a badge of `colour`."""
    return mark_safe(render_to_string("unfold/helpers/label.html", {"text": text, "type": colour}))


def make_age_badge(
    state: str, good_at: datetime | None, *, now: datetime, thresholds: tuple[int, int] | None = None
) -> SafeString:
    """Return how old the last good backup of an instance in `state` is, in the colour of how bad that is. `thresholds`:
    of its policy, in hours; the installation's unless given."""
    if good_at is None and state in WITHOUT_DATA:
        return mark_safe(NOTHING)
    text = format_age(good_at, now=now) if good_at else _("never backed up")
    return make_badge(text, LEVEL_COLOURS[grade_age(good_at, now=now, thresholds=thresholds)])


def make_proof_badge(instance: Instance, *, now: datetime) -> SafeString:
    """Return when a backup of a production instance was last proven by restoring it, in the colour of how bad that is;
    "" for one that has no backup, or is a copy."""
    facts = get_proof_facts(instance)
    if instance.kind != InstanceKind.PRODUCTION or facts.wanted_since is None:
        return mark_safe("")
    if facts.failed is not None:
        text = _("the proof of %(backup)s failed") % {"backup": facts.failed.backup.backup_id}
        return make_badge(text, BAD)
    if facts.proven_at is None:
        return make_badge(_("never proven"), DOUBTFUL)
    colour = DOUBTFUL if facts.is_late(now=now) else GOOD
    return make_badge(_("proven on %(time)s") % {"time": format_time(facts.proven_at)}, colour)
