"""Steps of a proof: a set is restored whole into an instance that nobody can reach, judged there, and removed again.

The production instance is only read: nothing of it is held, stopped or changed.
"""

from datetime import datetime
from typing import Any

from django.conf import settings

from backups.models import Backup
from backups.proof_places import PLACE_KEY, enter_place, record_removed, take_place
from backups.proof_sources import VOLUME, fetch_away
from backups.records import record_refused
from backups.restore_steps import run_restore
from backups.selectors import get_backup
from backups.steps import compute_run_seconds
from domain.errors import CiviparoisseError
from domain.specs import JobProgram
from domain.states import ACTIVE_OPERATION_STATES, StepPhase
from operations.admission import refuse_without_room
from operations.models import Operation
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.steps import provision, servers
from operations.steps.deletion import PURGING
from operations.steps.failures import end_runs
from operations.steps.programs import run_step_program

TURN_SECONDS = 30
WAITING_FOR_TURN = "waiting for the proof before it: "
# In the operation's data: what the steps found, for the report.
FIGURES_KEY = "figures"
# Steps that a real restore has too.
RESTORING = ("prepare", "fetch", "initialise", "start_database", "restore", "start_site", "read_page")


def await_turn(context: StepContext) -> Outcome:
    """Wait until there are few enough proofs before this one on the same engine: each copy takes room."""
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    earlier = Operation.objects.filter(kind=context.operation.kind, state__in=active, pk__lt=context.operation.pk)
    before = list(earlier.filter(instance__engine=context.instance.engine).order_by("pk"))
    if len(before) < settings.PROOFS_AT_ONCE or context.operation.cancel_requested:
        return Done()
    first = before[0]
    return Wait(seconds=TURN_SECONDS, message=f"{WAITING_FOR_TURN}{first.public_id} ({first.subject})")


def take(context: StepContext) -> Outcome:
    """Take the place, once the set is there to be read and the engine has room for one more instance."""
    backup = get_set(context)
    is_here = backup.backup_id in context.engine.observe(context.instance.identifier).backup_ids
    if get_source(context) == VOLUME and not is_here:
        raise CiviparoisseError("backup_missing", instance=context.instance.identifier, backup_id=backup.backup_id)
    place = take_place(context.instance)
    context.data[PLACE_KEY] = place.identifier
    context.save()
    refuse_without_room(place, {})
    return Done()


def clear(context: StepContext) -> Outcome:
    """Remove what an earlier proof may have left at the place."""
    observed = context.engine.delete(context.data[PLACE_KEY], keep_backups=False)
    return Wait(message=PURGING) if observed.remains else Done()


def fetch(context: StepContext) -> Outcome:
    """Bring a copy that is away to the place's own volume: the parish's volume is neither read nor filled."""
    backup, source = get_set(context), get_source(context)
    if source == VOLUME:
        return Done()
    outcome = fetch_away(enter_place(context), backup, source)
    if outcome is None:
        raise CiviparoisseError("copy_unavailable", backup_id=backup.backup_id, instance=context.instance.identifier)
    return outcome


def initialise(context: StepContext) -> Outcome:
    """Run the init program at the place, as for a new instance."""
    return provision.initialise(enter_place(context))


def start_database(context: StepContext) -> Outcome:
    """Start the place's database server."""
    return servers.start_database(enter_place(context))


def restore(context: StepContext) -> Outcome:
    """Read the whole set back and restore it as a copy: nothing it does by itself reaches anybody."""
    backup = get_set(context)
    try:
        place = enter_place(context)
        return run_restore(place, backup, scope=backup.scope, database="", clone=True, set_of=find_volume(context))
    except CiviparoisseError as error:
        if get_source(context) == VOLUME:
            record_refused(backup.backup_id, error)
        raise


def judge(context: StepContext) -> Outcome:
    """Have the consistency program judge what was restored, before anything else writes."""
    backup = get_set(context)
    place = enter_place(context)
    status = run_step_program(
        place,
        spec=place.make_spec(servers.DATABASE_ONLY),
        program=JobProgram.CONSISTENCY,
        deadline_seconds=compute_run_seconds(context, settings.RESTORE_TIMEOUT_SECONDS),
        environment={"BACKUP_ID": backup.backup_id, "SCOPE": backup.scope, "CLONE": "1"},
        set_of=find_volume(context),
    )
    if isinstance(status, Wait):
        return status
    found = status.result or {}
    names = ("tables", "rows", "foreign_keys", "accounts", "files")
    figures = {name: found[name] for name in names if name in found}
    check_recorded(context, backup, figures)
    context.data[FIGURES_KEY] = figures
    return Done(result=figures)


def check_recorded(context: StepContext, backup: Backup, figures: dict[str, Any]) -> None:
    """Raise CiviparoisseError `proof_counts_differ` where the copy holds less than was noted when the set was made: a
    manifest that was signed anew cannot hide that. The log may have grown since."""
    for name, noted, at_most in (("tables", backup.tables, True), ("rows", backup.rows, False)):
        found = figures.get(name)
        if noted is None or found is None:
            continue
        if found < noted or (at_most and found > noted):
            raise CiviparoisseError(
                "proof_counts_differ",
                instance=context.instance.identifier,
                backup_id=backup.backup_id,
                what=name,
                found=found,
                expected=noted,
            )


def start_site(context: StepContext) -> Outcome:
    """Start the copy's web server; its cron stays off."""
    return servers.start_all(enter_place(context))


def read_page(context: StepContext) -> Outcome:
    """Read the copy's page until it shows the parish's name."""
    place = enter_place(context)
    running = servers.select_running(context.engine.observe(place.instance.identifier))
    probed = context.engine.probe(place.make_spec(running))
    if not probed.ok:
        return Wait(message=probed.detail or servers.WAITING_FOR_PAGE)
    figures = {**context.data[FIGURES_KEY], "answered_in_seconds": round(probed.seconds, 3)}
    context.data[FIGURES_KEY] = figures
    return Done()


def conclude(context: StepContext) -> Outcome:
    """Tell what was found, and how long a real restore takes."""
    figures = {**context.data[FIGURES_KEY], **compute_times(context)}
    context.data[FIGURES_KEY] = figures
    return Done(result={"backup_id": context.parameters["backup"], **figures})


def remove(context: StepContext) -> Outcome:
    """End what still runs at the place and remove all of it, whatever happened before."""
    if PLACE_KEY not in context.data:
        return Done()
    end_runs(enter_place(context))
    observed = context.engine.delete(context.data[PLACE_KEY], keep_backups=False)
    return Wait(message=PURGING) if observed.remains else Done()


def prove_removal(context: StepContext) -> Outcome:
    """Look for what remains at the place; its row says so only when nothing does."""
    place = context.data.get(PLACE_KEY)
    if place is None:
        return Done()
    observed = context.engine.observe(place)
    left = (*observed.remains, *observed.backup_ids)
    if left:
        raise CiviparoisseError("purge_incomplete", instance=place, remains=", ".join(left))
    record_removed(place, now=context.now)
    return Done()


def get_set(context: StepContext) -> Backup:
    """Return the row of the set that is proven."""
    return get_backup(context.parameters["backup"])


def get_source(context: StepContext) -> str:
    """Return where the set comes from: "volume", or the name of a place away."""
    source: str = context.parameters.get("source") or VOLUME
    return source


def find_volume(context: StepContext) -> str:
    """Return the instance on whose volume the set is read: what came from away lies on the place's own."""
    return context.instance.identifier if get_source(context) == VOLUME else context.data[PLACE_KEY]


def compute_times(context: StepContext) -> dict[str, Any]:
    """Return `seconds` by step that is done, and `restore_seconds`: those of the steps that a real restore has too."""
    seconds: dict[str, float] = {}
    for step in context.operation.steps.filter(phase=StepPhase.MAIN.value, ended_at__isnull=False):
        began, ended = step.started_at, step.ended_at
        if isinstance(began, datetime) and isinstance(ended, datetime):
            seconds[step.name] = round((ended - began).total_seconds(), 1)
    return {"seconds": seconds, "restore_seconds": round(sum(seconds.get(name, 0.0) for name in RESTORING), 1)}
