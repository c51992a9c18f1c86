"""The manager's archive: a compressed tar whose first member tells what the others must be. Knows no Django."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from domain.errors import CiviparoisseError

FORMAT = 1
MANIFEST = "manifest.json"
# Names that parts may have, so that no archive writes beside where it is unpacked.
KEYS, DATABASE_NAMES, SETTINGS = "keys/", ("database.sqlite3", "database.sql"), "settings.json"
MANIFEST_BYTES = 16 * 1024**2
CHUNK_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive: its size in bytes and its sha256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive holds. `manager`: which manager made it; `made_at`: ISO 8601; `versions`: product -> version;
    `migrations`: application -> names that were applied; `tables`: table -> rows."""

    manager: str
    reason: str
    made_at: str
    versions: Mapping[str, str]
    migrations: Mapping[str, list[str]]
    tables: Mapping[str, int]
    parts: tuple[Part, ...] = field(default=())

    def format(self) -> bytes:
        """Return it as JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True, indent=1).encode()

    @classmethod
    def parse(cls, data: bytes) -> "Manifest":
        """Return the manifest of that JSON. Raise CiviparoisseError `archive_damaged` or `archive_unknown_format`."""
        try:
            document: dict[str, Any] = json.loads(data)
            version = document.pop("format")
            if version != FORMAT:
                raise CiviparoisseError("archive_unknown_format", format=str(version)[:20])
            parts = tuple(Part(**part) for part in document.pop("parts"))
            return cls(**document, parts=parts)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            raise make_damage("its manifest cannot be read") from None


def make_damage(detail: str) -> CiviparoisseError:
    """Return the error of an archive that is not what it was."""
    return CiviparoisseError("archive_damaged", detail=detail)


def measure(source: Path | bytes) -> tuple[int, str]:
    """Return bytes and sha256 of a file, or of what is given."""
    digest, size = hashlib.sha256(), 0
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        while data := file.read(CHUNK_BYTES):
            digest.update(data)
            size += len(data)
    return size, digest.hexdigest()


def describe_parts(sources: Mapping[str, Path | bytes]) -> tuple[Part, ...]:
    """Return what the manifest says of each part, in order."""
    return tuple(Part(name, *measure(source)) for name, source in sources.items())


def write_archive(stream: IO[bytes], manifest: Manifest, sources: Mapping[str, Path | bytes]) -> None:
    """Write the archive to a stream that cannot seek. `sources`: a file or bytes for each part of the manifest."""
    with tarfile.open(fileobj=stream, mode="w|gz", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, MANIFEST, manifest.format())
        for part in manifest.parts:
            _add(tar, part.name, sources[part.name])


def _add(tar: tarfile.TarFile, name: str, source: Path | bytes) -> None:
    info = tarfile.TarInfo(name)
    info.mode = 0o600
    if isinstance(source, bytes):
        info.size = len(source)
        tar.addfile(info, io.BytesIO(source))
        return
    info.size = source.stat().st_size
    with source.open("rb") as file:
        tar.addfile(info, file)


def read_archive(stream: IO[bytes], target: Path | None) -> Manifest:
    """Read an archive to its end and return its manifest, once every part is what the manifest says.

    `target`: a private directory that the parts are written to, None to check them only. Raise CiviparoisseError
    `archive_damaged` or `archive_unknown_format`."""
    try:
        with tarfile.open(fileobj=stream, mode="r|gz") as tar:
            members = _list_members(tar)
            name, content = next(members, ("", None))
            if name != MANIFEST or content is None:
                raise make_damage("it does not begin with a manifest")
            manifest = Manifest.parse(content.read(MANIFEST_BYTES))
            expected = {part.name: part for part in manifest.parts}
            for name, content in members:
                part = expected.pop(name, None)
                if part is None or not is_allowed(name):
                    raise make_damage("it holds a part that its manifest does not name")
                if _copy(content, None if target is None else target / name) != (part.bytes, part.sha256):
                    raise make_damage(f"{name} is not what was archived")
            if expected:
                raise make_damage(f"{next(iter(expected))} is missing")
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise make_damage(f"it cannot be read ({type(error).__name__})") from None
    while stream.read(CHUNK_BYTES):
        pass  # whoever feeds the stream wants to come to its end
    return manifest


def is_allowed(name: str) -> bool:
    """Return whether a part may have that name."""
    own = name.removeprefix(KEYS)
    is_key = name.startswith(KEYS) and own.replace("_", "").isalnum() and own.isascii()
    return is_key or name in (*DATABASE_NAMES, SETTINGS)


def _list_members(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        content = tar.extractfile(member) if member.isreg() else None
        if content is None:
            raise make_damage("it holds something that is no file")
        yield member.name, content


def _copy(content: IO[bytes], target: Path | None) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    if target is not None:
        target.parent.mkdir(mode=0o700, exist_ok=True)
        target.touch(mode=0o600)
    with io.BytesIO() if target is None else target.open("wb") as file:
        while data := content.read(CHUNK_BYTES):
            digest.update(data)
            size += len(data)
            if target is not None:
                file.write(data)
    return size, digest.hexdigest()
