"""Sets with other contents and right sums: only a judgement of the contents can stop them."""

import contextlib
import dataclasses
import gzip
import hashlib
import io
import shutil
from collections.abc import Mapping
from pathlib import Path

from programs.archive.members import check_members
from programs.run.failures import ProgramError
from programs.sets.manifest import NAME, Manifest, parse_manifest
from programs.sets.signing import format_manifest, sign_manifest
from programs.sets.tree_index import IndexWriter
from tests.programs.workspace import KEY


def read_plain(made: Path, name: str) -> bytes:
    """An artifact without its compression."""
    return gzip.decompress((made / name).read_bytes())


def forge_set(
    made: Path,
    target: Path,
    *,
    contents: Mapping[str, bytes] | None = None,
    key: bytes = KEY,
    **changes: object,
) -> Path:
    """Copy a set of gzip with other plain contents of some artifacts, other fields of its manifest, signed by `key`."""
    shutil.copytree(made, target)
    manifest = parse_manifest((made / NAME).read_bytes())
    plains = {**list_indexes(manifest, contents or {}), **(contents or {})}
    artifacts = []
    for artifact in manifest.artifacts:
        plain = plains.get(artifact.name)
        if plain is not None:
            stored = gzip.compress(plain, 1, mtime=0)
            (target / artifact.name).write_bytes(stored)
            artifact = dataclasses.replace(
                artifact,
                stored_bytes=len(stored),
                stored_sha256=hashlib.sha256(stored).hexdigest(),
                plain_bytes=len(plain),
                plain_sha256=hashlib.sha256(plain).hexdigest(),
            )
        artifacts.append(artifact)
    manifest = dataclasses.replace(manifest, artifacts=artifacts, **changes)  # type: ignore[arg-type]
    write_manifest(target, sign_manifest(manifest, key=key))
    return target


def list_indexes(manifest: Manifest, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """The right index of each tar among the contents, as far as it can be read."""
    indexes = {}
    for artifact in manifest.artifacts:
        index = manifest.find_index(artifact.tree) if artifact.kind == "tree" and artifact.tree else None
        if index is not None and artifact.name in contents:
            target = io.BytesIO()
            writer = IndexWriter(target)
            with contextlib.suppress(ProgramError):
                check_members(io.BytesIO(contents[artifact.name]), note=writer.note)
            writer.flush()
            indexes[index.name] = target.getvalue()
    return indexes


def write_manifest(target: Path, manifest: Manifest) -> None:
    """Write it as the program does."""
    (target / NAME).write_bytes(format_manifest(manifest))
