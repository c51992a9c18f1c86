"""Where the manager itself can read a set, artifact by artifact: its volume on this machine, or a copy away."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import pyrage

from backups.models import Backup
from domain.errors import CiviparoisseError
from engine.registry import get_engine
from offsite.comparing import check_trust, make_copy_error, read_contents
from offsite.destinations import carrying
from offsite.fetching import list_sources
from offsite.models import BackupCopy
from offsite.piping import piping
from programs.offsite.carrier import Carrier
from programs.offsite.sealing import Sealed, pass_part
from programs.run.durable import open_plain
from programs.run.failures import ProgramError
from programs.sets.holding import hold_set
from programs.sets.manifest import NAME, STATE_NAME, parse_manifest, read_manifest_bytes

VOLUME = "volume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One artifact. `part`: the database or tree that it is of, "" for what is of the whole set. `open`: gives its
    bytes, which are as `size` and `sha256` say or whoever reads them is told."""

    name: str
    part: str
    size: int
    sha256: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]


@contextmanager
def open_set(backup: Backup) -> Iterator[tuple[str, list[Piece]]]:
    """Give where a set is read from ("volume", or the name of a destination) and its artifacts, the manifest first.
    Raise CiviparoisseError `download_nowhere`, `download_damaged`, or as copies that are read."""
    directory = find_directory(backup)
    if directory is not None:
        try:
            with hold_set(directory):
                yield VOLUME, list_pieces(backup, directory)
        except ProgramError as error:
            raise make_damage(backup, NAME) from error
        return
    sources = list_sources(backup)
    if not sources:
        raise CiviparoisseError("download_nowhere", backup_id=backup.backup_id, instance=backup.instance.identifier)
    with open_copy(sources[0]) as pieces:
        yield sources[0].destination.name, pieces


def is_readable(backup: Backup) -> bool:
    """Return whether the manager itself can read the set now: on its volume, or from a copy away."""
    return find_directory(backup) is not None or list_sources(backup) != []


def find_directory(backup: Backup) -> Path | None:
    """Return the directory of the set where this machine has it; None elsewhere."""
    identifier = backup.instance.identifier
    place = get_engine(backup.instance.engine).find_sets_directory(identifier)
    if place is None or not (place / backup.backup_id / NAME).is_file():
        return None
    return place / backup.backup_id


def list_pieces(backup: Backup, directory: Path) -> list[Piece]:
    """Return the artifacts of a directory, if its manifest is the one that was noted. Raise CiviparoisseError
    `download_damaged`."""
    try:
        data = read_manifest_bytes(directory)
        manifest = parse_manifest(data)
    except ProgramError as error:
        raise make_damage(backup, NAME) from error
    digest = hashlib.sha256(data).hexdigest()
    if backup.manifest_sha256 and digest != backup.manifest_sha256:
        raise make_damage(backup, NAME)
    whole = Piece(name=NAME, part="", size=len(data), sha256=digest, open=partial(open_plain, directory / NAME))
    return [
        whole,
        *(
            Piece(
                name=one.name,
                part=one.database or one.tree or "",
                size=one.stored_bytes,
                sha256=one.stored_sha256,
                open=partial(open_plain, directory / one.name),
            )
            for one in manifest.artifacts
        ),
    ]


@contextmanager
def open_copy(copy: BackupCopy) -> Iterator[list[Piece]]:
    """Give the artifacts of a copy away, as they come through its key: nothing of them lies here. Raise
    CiviparoisseError unless it is what this manager countersigned."""
    check_trust(copy)
    try:
        with carrying(copy.destination) as carrier:
            contents = read_contents(copy, carrier)
            identity = pyrage.x25519.Identity.from_str(contents.identity)
            sealed = sorted(contents.artifacts, key=lambda one: one.artifact != NAME)
            yield [
                Piece(
                    name=one.artifact,
                    part=find_part(one.artifact),
                    size=one.stored_bytes,
                    sha256=one.stored_sha256,
                    open=partial(open_sealed, carrier, one, identity),
                )
                for one in sealed
            ]
    except ProgramError as error:
        raise make_copy_error(copy, error) from error


def find_part(artifact: str) -> str:
    """Return the database or tree that an artifact is of, by its name (programs.sets.manifest); "" for none. Pure."""
    return "" if artifact in (NAME, STATE_NAME) else artifact.rsplit(".", 2)[0]


@contextmanager
def open_sealed(carrier: Carrier, sealed: Sealed, identity: pyrage.x25519.Identity) -> Iterator[IO[bytes]]:
    """Give the plain bytes of an artifact that is away."""

    def pass_parts(stream: IO[bytes]) -> None:
        for part in sealed.parts:
            pass_part(carrier, part, stream.write)

    def unseal(stream: IO[bytes]) -> None:
        with piping(pass_parts) as parts:
            pyrage.decrypt_io(parts, stream, [identity])

    with piping(unseal) as plain:
        yield plain


def make_damage(backup: Backup, name: str) -> CiviparoisseError:
    """Return the error of a set whose artifact is not what it should be."""
    return CiviparoisseError("download_damaged", backup_id=backup.backup_id, artifact=name)
