"""Where a proof takes its set from: the volume of the instance, or a place away that a higher layer knows."""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from backups.models import Backup, ProofOutcome, ProofReport
from operations.outcomes import Outcome, StepContext
from tenants.models import Instance

VOLUME = "volume"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesAway:
    """What is known of places away. `list_names`: identifiers of sets -> the places that have a checked copy, for each
    set that has one. `fetch`: (context of where the proof is made, set, place) -> Done once the set is on that volume.
    `note`: (set, place, outcome, when) tells what a proof of that copy found."""

    list_names: Callable[[Collection[str]], Mapping[str, list[str]]]
    fetch: Callable[[StepContext, Backup, str], Outcome]
    note: Callable[[Backup, str, ProofOutcome, datetime], None]


_known: list[PlacesAway] = []


def register_places_away(places: PlacesAway) -> None:
    """Have proofs take sets from these places too. Called once by the app that knows them."""
    if places not in _known:
        _known.append(places)


def list_places_away(backup_ids: Collection[str]) -> dict[str, list[str]]:
    """Return, for each of these sets that has checked copies, the names of the places that have one."""
    found: dict[str, list[str]] = {}
    for places in _known:
        for backup_id, names in places.list_names(backup_ids).items():
            found.setdefault(backup_id, []).extend(names)
    return found


def is_turn_of_volume(instance: Instance) -> bool:
    """Return whether the next proof is of a set on the volume: the last one was of a copy away, or there was none."""
    last = ProofReport.objects.filter(backup__instance=instance).order_by("-pk").first()
    return last is None or last.source != VOLUME


def choose_at_random(names: list[str]) -> str:
    """Return one of the places; each is as likely, so that nobody knows which copy will be asked for."""
    return secrets.choice(sorted(names))


def fetch_away(context: StepContext, backup: Backup, source: str) -> Outcome | None:
    """Bring the set from that place to the volume where the proof is made; None where no place is called so any more.
    Raise CiviparoisseError."""
    for places in _known:
        if source in places.list_names([backup.backup_id]).get(backup.backup_id, ()):
            return places.fetch(context, backup, source)
    return None


def note_away(backup: Backup, source: str, outcome: ProofOutcome, *, now: datetime) -> None:
    """Tell whoever keeps that copy what its proof found."""
    for places in _known:
        places.note(backup, source, outcome, now)
