"""What is paid for and no longer used: reserved and idle, kept and forgotten. Pure: what is seen in, findings out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.fleet import ObservedFleet, ObservedPod, ObservedVolume, RemovableKind
from domain.reservations import NOTHING, Reservation, add_reservations
from domain.specs import JobProgram
from domain.states import InstanceState, OperationKind
from finops.usage.idleness import IdleSince

# The backups' volume is mounted while a backup runs only: that is no sign of anything.
BACKUPS_MARK = "backup"


class Finding(StrEnum):
    """What was found; the words are in finops/wording/words.py."""

    SUSPENDED_LONG = "suspended_long"
    IDLE = "idle"
    VOLUME_RELEASED = "volume_released"
    VOLUME_WITHOUT_POD = "volume_without_pod"
    NAMESPACE_WITHOUT_PARISH = "namespace_without_parish"
    FAILED_RUNS = "failed_runs"
    OLD_BACKUPS = "old_backups"


# In these the programs of an instance are wanted; in all others a run that failed once is over.
WANTED = (InstanceState.ACTIVE, InstanceState.FAILED)
# A backup can be asked for again in these.
BACKED_UP = (*WANTED, InstanceState.SUSPENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From when on something is a finding. Days."""

    suspended_days: int = 60
    idle_days: int = 90
    failed_days: int = 7
    backup_days: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFacts:
    """An instance as our rows have it. `since`: when it came into its state, None when no operation tells. `reserved`:
    what its servers hold. `quiet`: since when nobody has used it. `old_backup_bytes`: of good sets older than the
    limit, the newest set never among them."""

    identifier: str
    tenant: str
    engine: str
    state: str
    since: datetime | None = None
    reserved: Reservation = NOTHING
    volume_bytes: int = 0
    storage_class: str = ""
    quiet: IdleSince = IdleSince()
    old_backup_bytes: int = 0
    old_backups: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waste:
    """One finding. `name`: the thing (instance, volume, namespace, program); `instance`: of ours, "" when no
    row has it; `answer`: the operation that would end it, None when nothing of ours would be right; `removable`: what
    there is to remove, None where an operation is the answer, and where it may be another manager's; `place`: the name
    to remove it by; `since`: None when not known; `count`: how many things; `quiet`: of an idle one, what that is
    concluded from. Its cost is that of what it holds."""

    finding: Finding
    name: str
    engine: str
    instance: str = ""
    tenant: str = ""
    answer: str | None = None
    removable: RemovableKind | None = None
    place: str = ""
    since: datetime | None = None
    count: int = 1
    reserved: Reservation = NOTHING
    storage_bytes: int = 0
    storage_class: str = ""
    backup_bytes: int = 0
    quiet: IdleSince = IdleSince()


def find_waste(
    known: Iterable[InstanceFacts],
    fleets: Mapping[str, ObservedFleet],
    *,
    now: datetime,
    limits: Limits,
    own_volumes: Collection[tuple[str, str]] = (),
) -> tuple[Waste, ...]:
    """Return every finding among our rows and what the engines (by name) see; an engine that did not answer is absent
    and tells nothing. `own_volumes`: (engine, name) of those without a claim that are certainly ours."""
    every = list(known)
    found_waste = [waste for row in every for waste in _look_at_row(row, now=now, limits=limits)]
    for engine, fleet in fleets.items():
        # What stands elsewhere under an instance's name is not the instance.
        rows = {row.identifier: row for row in every if row.engine == engine}
        strays = fleet.instances.keys() - rows.keys() - fleet.endings.keys()
        unknown = [_make_unknown(engine, name, fleet) for name in sorted(strays)]
        # Of a namespace that is gone, or is somebody else's and holds nothing, nothing is paid.
        found_waste += [waste for waste in unknown if waste.removable or waste.storage_bytes or any(waste.reserved)]
        volumes = (_look_at_volume(engine, volume, rows, own_volumes) for volume in fleet.volumes)
        found_waste += [waste for waste in volumes if waste is not None]
        found_waste += _look_at_failures(engine, fleet.pods, rows, after=now - timedelta(days=limits.failed_days))
    return tuple(found_waste)


def _look_at_row(row: InstanceFacts, *, now: datetime, limits: Limits) -> list[Waste]:
    row_waste = []
    if row.state == InstanceState.SUSPENDED and _is_older(row.since, now - timedelta(days=limits.suspended_days)):
        row_waste.append(_make_of_row(Finding.SUSPENDED_LONG, row, row.since, OperationKind.DELETE))
    if row.state == InstanceState.ACTIVE and _is_older(row.quiet.since, now - timedelta(days=limits.idle_days)):
        row_waste.append(_make_of_row(Finding.IDLE, row, row.quiet.since, OperationKind.SUSPEND))
    if row.old_backups:
        row_waste.append(
            Waste(
                finding=Finding.OLD_BACKUPS,
                name=row.identifier,
                engine=row.engine,
                instance=row.identifier,
                tenant=row.tenant,
                count=row.old_backups,
                # What is left of a deleted instance is purged with it.
                answer=OperationKind.DELETE if row.state == InstanceState.DELETED else OperationKind.PRUNE,
                backup_bytes=row.old_backup_bytes,
            )
        )
    return row_waste


def _make_of_row(finding: Finding, row: InstanceFacts, since: datetime | None, answer: str) -> Waste:
    """Return a finding whose cost is what its answer would save: the volumes of what would be deleted, the servers of
    what would be suspended."""
    storage = answer == OperationKind.DELETE
    return Waste(
        finding=finding,
        name=row.identifier,
        engine=row.engine,
        instance=row.identifier,
        tenant=row.tenant,
        answer=answer,
        since=since,
        quiet=row.quiet if finding is Finding.IDLE else IdleSince(),
        reserved=NOTHING if storage else row.reserved,
        storage_bytes=row.volume_bytes if storage else 0,
        storage_class=row.storage_class,
    )


def _make_unknown(engine: str, name: str, fleet: ObservedFleet) -> Waste:
    # A released volume is a finding of its own.
    volumes = [volume for volume in fleet.volumes if volume.instance == name and volume.is_bound]
    return Waste(
        finding=Finding.NAMESPACE_WITHOUT_PARISH,
        name=name,
        engine=engine,
        removable=RemovableKind.INSTANCE if fleet.is_own(name) else None,
        place=name,
        reserved=add_reservations(pod.reserved for pod in fleet.pods if pod.instance == name),
        storage_bytes=sum(volume.capacity_bytes for volume in volumes),
        storage_class=volumes[0].storage_class if volumes else "",
    )


def _look_at_volume(
    engine: str, volume: ObservedVolume, rows: Mapping[str, InstanceFacts], own: Collection[tuple[str, str]]
) -> Waste | None:
    row = rows.get(volume.instance or "")
    if not volume.is_bound and volume.reclaim_policy:
        # Whatever is asked for its instance does not end that: the cluster keeps it.
        removable = RemovableKind.VOLUME if (engine, volume.name) in own else None
        return _make_of_volume(engine, volume, Finding.VOLUME_RELEASED, row, removable=removable, place=volume.name)
    if not volume.is_bound and (row is None or row.state == InstanceState.DELETED):
        answer = OperationKind.DELETE if row else None
        removable = None if row or not volume.instance else RemovableKind.INSTANCE
        place = volume.instance or ""
        return _make_of_volume(
            engine, volume, Finding.VOLUME_RELEASED, row, answer=answer, removable=removable, place=place
        )
    is_wanted = row is not None and row.state == InstanceState.ACTIVE
    if is_wanted and volume.is_bound and not volume.is_mounted and BACKUPS_MARK not in volume.claim:
        return _make_of_volume(engine, volume, Finding.VOLUME_WITHOUT_POD, row, answer=OperationKind.RESUME)
    return None


def _make_of_volume(
    engine: str,
    volume: ObservedVolume,
    finding: Finding,
    row: InstanceFacts | None,
    *,
    answer: str | None = None,
    removable: RemovableKind | None = None,
    place: str = "",
) -> Waste:
    return Waste(
        finding=finding,
        name=volume.name,
        engine=engine,
        instance=row.identifier if row else "",
        tenant=row.tenant if row else "",
        answer=answer,
        removable=removable,
        place=place,
        since=volume.created_at,
        storage_bytes=volume.capacity_bytes,
        storage_class=volume.storage_class,
    )


def _look_at_failures(
    engine: str, pods: Iterable[ObservedPod], rows: Mapping[str, InstanceFacts], *, after: datetime
) -> list[Waste]:
    """Return one finding per instance and program whose last runs failed, not longer ago than `after`, where a run can
    be wanted again."""
    runs: defaultdict[tuple[str, str], list[ObservedPod]] = defaultdict(list)
    for pod in pods:
        if pod.job and pod.instance in rows:
            runs[pod.instance or "", pod.component].append(pod)
    failed = {key: failures for key, known in runs.items() if (failures := _select_failed(known, after=after))}
    answers = {key: _choose_retry(key[1], rows[key[0]].state) for key in failed}
    return [
        Waste(
            finding=Finding.FAILED_RUNS,
            name=program,
            engine=engine,
            instance=instance,
            tenant=rows[instance].tenant,
            since=min((pod.ended_at for pod in failures if pod.ended_at), default=None),
            count=len(failures),
            answer=answers[instance, program],
            # What ended holds nothing; a failed pod that is still there holds its reservation.
            reserved=add_reservations(pod.reserved for pod in failures),
        )
        for (instance, program), failures in sorted(failed.items())
        if answers[instance, program] is not None
    ]


def _select_failed(runs: Iterable[ObservedPod], *, after: datetime) -> list[ObservedPod]:
    """Return the runs of one program that failed since its last good one."""
    known = list(runs)
    good = [run.ended_at for run in known if run.ended_at is not None and not run.failed]
    since = max(good, default=after)
    return [run for run in known if run.failed and (run.ended_at is None or run.ended_at >= max(since, after))]


def _choose_retry(program: str, state: str) -> str | None:
    """Return what to ask for against runs that fail: the same again where that can be asked, else everything applied
    and looked at again; None where no run of it is wanted, or an operation is at work."""
    if program == JobProgram.BACKUP:
        return OperationKind.BACKUP if state in BACKED_UP else None
    return OperationKind.RESUME if state in WANTED else None


def _is_older(moment: datetime | None, limit: datetime) -> bool:
    return moment is not None and moment < limit
