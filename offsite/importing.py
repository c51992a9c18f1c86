"""Sets that another manager made, or that this one lost, become backups of the instance that they name.

A set is copied aside, judged there as a restore would, gets its name, and only then its row. What is there is never
touched. Killed at any instruction, the same command goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from backups.holders import find_remover
from backups.models import Backup, BackupState
from backups.verification import check_directory
from domain.errors import CiviparoisseError, NotFound
from domain.states import InstanceState
from engine.registry import get_engine
from offsite.import_records import record_imported
from offsite.import_staging import check_room_for, copy_set, give_name, staging
from offsite.import_trust import Trust, find_trust, get_key, make_own_manifest
from programs.run.environment import BACKUP_ID
from programs.run.failures import ProgramError, make_os_failure
from programs.sets.holding import hold_set
from programs.sets.manifest import NAME, Manifest, make_manifest_error, parse_manifest, read_manifest_bytes
from programs.sets.signing import compute_sha256
from programs.verify import SetReport
from tenants.models import Instance

# Two machines' clocks may differ by so much.
CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one set. `known`: its backup was good already, nothing was done. `trust` None: then too."""

    backup_id: str
    instance: str
    known: bool
    trust: Trust | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Set:
    """A set that may be imported. `own`: its manifest as it is to lie at `target`."""

    source: Path
    target: Path
    manifest: Manifest
    instance: Instance
    trust: Trust
    data: bytes
    own: bytes


def list_set_directories(place: Path) -> list[Path]:
    """Return the sets of a place, the oldest first: itself where it has a manifest, else the directories in it that are
    named as sets. Raise CiviparoisseError `file_unreadable` where there is no directory, or no set."""
    try:
        if (place / NAME).exists():
            return [place]
        found = sorted(path for path in place.iterdir() if BACKUP_ID.fullmatch(path.name) and path.is_dir())
    except (FileNotFoundError, NotADirectoryError) as error:
        detail = _("there is no such directory")
        raise CiviparoisseError("file_unreadable", path=str(place), detail=detail) from error
    except OSError as error:
        raise CiviparoisseError("file_unreadable", path=str(place), detail=str(error.strerror)) from error
    if not found:
        raise CiviparoisseError("file_unreadable", path=str(place), detail=_("there is no set in it"))
    return found


def import_set(source: Path, *, accepted: str, dry_run: bool, requested_by: str, now: datetime) -> Imported:
    """Make the set in `source` a good backup of its instance, and pin it; with `dry_run` only read it whole.
    `accepted`: the identifier that a person typed to accept a set that nobody vouches for.

    Raise ProgramError for what is wrong with the set, CiviparoisseError for what is in the way."""
    with _naming_failures(), hold_set(source):
        data = read_manifest_bytes(source)
        manifest = parse_manifest(data)
        instance = _find_instance(manifest)
        target = _find_target(instance, manifest)
        if _is_known(instance, target):
            return Imported(manifest.backup_id, instance.identifier, known=True, trust=None)
        _check_time(manifest, now=now)
        trust = find_trust(data, manifest, instance=instance, accepted=accepted)
        own = make_own_manifest(data, manifest, instance=instance, trust=trust)
        found = _Set(source, target, manifest, instance, trust, data, own)
        _check_noted(found)
        report = _look_at(found) if dry_run else _bring(found)
        if not dry_run:
            record_imported(report, instance=instance, requested_by=requested_by, now=now)
    return Imported(manifest.backup_id, instance.identifier, known=False, trust=trust, warnings=tuple(report.warnings))


@contextmanager
def _naming_failures() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise make_os_failure(error, doing="importing the set") from error


def _find_instance(manifest: Manifest) -> Instance:
    """Return the instance that the set names. Raise NotFound, or ProgramError `other_tenant` for another parish's."""
    instance = Instance.objects.select_related("tenant").filter(identifier=manifest.instance).first()
    if instance is None:
        raise NotFound(what="instance", name=manifest.instance)
    if instance.tenant.slug != manifest.tenant:
        message = f"the set belongs to {manifest.tenant}, and {instance.identifier} to {instance.tenant.slug}"
        params = {"tenant": manifest.tenant, "expected": instance.tenant.slug}
        raise ProgramError("other_tenant", message, hint="choose a set of this tenant", params=params)
    return instance


def _find_target(instance: Instance, manifest: Manifest) -> Path:
    """Return where the set is to lie. Raise CiviparoisseError `import_not_here` where only a pod could put it there,
    `import_no_volume` where there is nothing to put it on."""
    sets_directory = get_engine(instance.engine).find_sets_directory(instance.identifier)
    if sets_directory is None:
        raise CiviparoisseError("import_not_here", instance=instance.identifier, engine=instance.engine)
    without = (InstanceState.NEW, InstanceState.DELETING, InstanceState.DELETED)
    if instance.state in without or "manifest_key" not in instance.secrets or not sets_directory.is_dir():
        raise CiviparoisseError("import_no_volume", instance=instance.identifier)
    return sets_directory / manifest.backup_id


def _is_known(instance: Instance, target: Path) -> bool:
    """Return whether the backup is good and there. Raise CiviparoisseError where it is another instance's, is just
    being made, or goes."""
    backup = Backup.objects.filter(backup_id=target.name).select_related("instance").first()
    if backup is None:
        return False
    if backup.instance_id != instance.pk:
        raise CiviparoisseError("import_differs", backup_id=backup.backup_id, instance=backup.instance.identifier)
    if backup.state == BackupState.RUNNING:
        raise CiviparoisseError("import_running", backup_id=backup.backup_id)
    remover = find_remover([backup.backup_id])
    if remover is not None:
        raise CiviparoisseError("backup_leaving", backup_id=backup.backup_id, operation=remover.public_id)
    return backup.state == BackupState.GOOD and (target / NAME).is_file()


def _check_time(manifest: Manifest, *, now: datetime) -> None:
    """Raise CiviparoisseError `import_future` for a set that would be the newest one for a long time to come, and
    ProgramError `manifest_invalid` for one without a time."""
    try:
        named = datetime.strptime(manifest.backup_id[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        moments = [named, *map(datetime.fromisoformat, (manifest.started_at, manifest.ended_at))]
        is_future = max(moments) > now + CLOCKS_DIFFER
    except (TypeError, ValueError) as error:
        raise make_manifest_error("it does not say when it was made") from error
    if is_future:
        raise CiviparoisseError("import_future", backup_id=manifest.backup_id)


def _check_noted(found: _Set) -> None:
    """Raise CiviparoisseError `import_differs` for another set than the one that was noted, or lies there, under this
    identifier."""
    backup_id, instance = found.manifest.backup_id, found.instance.identifier
    noted = Backup.objects.filter(backup_id=backup_id).values_list("manifest_sha256", flat=True).first()
    same = {compute_sha256(found.data), compute_sha256(found.own)}
    lies = found.target.exists() or found.target.is_symlink()
    if (noted and noted not in same) or (lies and not _is_same(found)):
        raise CiviparoisseError("import_differs", backup_id=backup_id, instance=instance)


def _is_same(found: _Set) -> bool:
    try:
        return not found.target.is_symlink() and read_manifest_bytes(found.target) == found.own
    except ProgramError:
        return False


def _look_at(found: _Set) -> SetReport:
    """Read the set whole where it is, and ask for its room; change nothing."""
    if found.target.exists():
        return _judge_there(found)
    check_room_for(found.target.parent, found.manifest)
    return _judge(found, found.source, key=get_key(found.instance) if found.trust is Trust.SIGNED else None)


def _bring(found: _Set) -> SetReport:
    """Put the set in its place, once it is whole and judged there; one that an import which was killed put there is
    judged again."""
    if found.target.exists():
        return _judge_there(found)
    check_room_for(found.target.parent, found.manifest)
    with staging(found.target.parent) as aside:
        copy_set(found.source, aside, found.manifest, data=found.own)
        report = _judge(found, aside, key=get_key(found.instance))
        if give_name(aside, found.target):
            return report
    _check_noted(found)
    return _judge_there(found)


def _judge_there(found: _Set) -> SetReport:
    with hold_set(found.target):
        return _judge(found, found.target, key=get_key(found.instance))


def _judge(found: _Set, directory: Path, *, key: bytes | None) -> SetReport:
    """Read a set whole, as a restore of all that is in it would. Raise ProgramError."""
    tenant, loaded = found.instance.tenant.slug, tuple(found.manifest.databases)
    return check_directory(directory, key=key, tenant=tenant, loaded=loaded)
