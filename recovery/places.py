"""Where the manager's archives lie: below one name at each destination, which says nothing. Reached by rclone."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.errors import CiviparoisseError
from domain.strict_yaml import YamlRefused, parse_yaml
from offsite.destinations import find_rclone, make_place, validate_destination
from offsite.models import Destination, DestinationKind
from programs.offsite.carrier import Carrier
from programs.run.failures import ProgramError

# The same for every manager, so that an archive is found again by who knows nothing but the place.
PREFIX = hashlib.sha256(b"civiparoisse: archives of managers").hexdigest()[:32]
NAME = re.compile(rf"{PREFIX}/([0-9a-f]{{16}})/((\d{{8}}T\d{{6}}Z)-[0-9a-f]{{16}})")
TIME = "%Y%m%dT%H%M%S%z"
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FoundArchive:
    """An archive in a place: `path` there, which manager made it, when, and its size in bytes."""

    path: str
    manager: str
    name: str
    made_at: datetime
    bytes: int


def make_path(manager: str, name: str) -> str:
    """Return where an archive lies, from the root of any place."""
    return f"{PREFIX}/{manager}/{name}"


@contextmanager
def reaching(row: Destination) -> Iterator[Carrier]:
    """Give a carrier to a destination, recorded or not. What it reports is raised as `destination_failed`."""
    with tempfile.TemporaryDirectory(prefix="cp-archive-") as directory:
        try:
            yield Carrier(make_place(row), work_dir=Path(directory), program=find_rclone())
        except ProgramError as error:
            detail = f"{error.code} {error.params.get('detail', '')}".strip()
            raise CiviparoisseError("destination_failed", name=row.name, detail=detail) from None


def make_destination(data: Mapping[str, Any]) -> Destination:
    """Return a destination that is in no database. Raise CiviparoisseError `invalid_destination`."""
    return Destination(**validate_destination({"name": "given", **data}))


def read_destination(path: Path) -> Destination:
    """Return the destination that a file describes, or that a directory is. The file (YAML or JSON) holds what
    destination_create takes: kind and its settings. Raise CiviparoisseError `invalid_destination` or
    `place_unreadable`, which repeat no secret."""
    if path.is_dir():
        return make_destination({"kind": DestinationKind.DIRECTORY.value, "path": str(path.resolve())})
    try:
        document = parse_yaml(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, YamlRefused):
        document = None
    if not isinstance(document, dict) or not all(isinstance(name, str) for name in document):
        raise CiviparoisseError("place_unreadable", path=str(path))
    return make_destination(document)


def list_archives(carrier: Carrier) -> list[FoundArchive]:
    """Return the archives of a place, the newest first."""
    found = []
    for one in carrier.list(PREFIX):
        match = NAME.fullmatch(one["Path"])
        if match:
            made_at = datetime.strptime(match.group(3), TIME)
            found.append(FoundArchive(one["Path"], match.group(1), match.group(2), made_at, int(one["Size"])))
    return sorted(found, key=lambda archive: (archive.made_at, archive.name), reverse=True)


def send(carrier: Carrier, sealed: Path, path: str, *, sha256: str) -> None:
    """Send a sealed file under a name that nothing has, and make sure that the place has it: by the sum that it tells,
    or by reading it back. Raise ProgramError."""
    carrier.put(sealed, path)
    listed = carrier.list(path, hashes=True)
    size = listed[0]["Size"] if listed else -1
    if size != sealed.stat().st_size:
        raise ProgramError("copy_differs", f"{path} has {size} bytes there", params={"detail": "another size"})
    told = (listed[0].get("Hashes") or {}).get("md5")
    if told:
        with sealed.open("rb") as file:
            same = hashlib.file_digest(file, "md5").hexdigest() == told
    else:
        same = _read_back(carrier, path) == sha256
    if not same:
        raise ProgramError("copy_differs", f"{path} is not what was sent", params={"detail": "another sum"})


def _read_back(carrier: Carrier, path: str) -> str:
    digest = hashlib.sha256()
    for data in _stream(carrier, path):
        digest.update(data)
    return digest.hexdigest()


def fetch(carrier: Carrier, path: str, target: Path) -> None:
    """Bring a sealed file here. Raise ProgramError."""
    target.touch(mode=0o600)
    with target.open("wb") as file:
        for data in _stream(carrier, path):
            file.write(data)


def _stream(carrier: Carrier, path: str) -> Iterator[bytes]:
    with carrier.open(path) as process:
        try:
            assert process.stdout is not None
            while data := process.stdout.read(CHUNK_BYTES):
                yield data
            carrier.check_end(process)
        finally:
            process.kill()
