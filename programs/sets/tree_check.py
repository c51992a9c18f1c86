"""Checks what a set holds beside dumps: tars of trees, their indexes, the desired state."""

import io
from pathlib import Path

from programs.archive.members import MemberCounts, check_members
from programs.archive.stored import StoredReader, check_measures
from programs.run.failures import ProgramError
from programs.run.streams import CHUNK_BYTES, Hashing, Measures
from programs.sets.manifest import Artifact, Manifest, get_measures
from programs.sets.tree_index import IndexSum, IndexWriter, check_entries, make_index_difference


def check_tree_artifact(path: Path, artifact: Artifact, manifest: Manifest) -> MemberCounts:
    """Read a tar whole: measures, members against the allow-list, counts equal to the manifest's. Return these."""
    assert artifact.tree is not None
    expected, index = manifest.trees[artifact.tree], manifest.find_index(artifact.tree)
    indexed = IndexSum()
    writer = IndexWriter(indexed)
    with StoredReader(path, codec=manifest.codec, most_bytes=artifact.plain_bytes) as reader:
        stream = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
        try:
            counts = check_members(stream, root=manifest.get_root(artifact.tree), note=writer.note if index else None)
        except ProgramError as refusal:
            check_measures(artifact.name, found=reader.finish(), expected=get_measures(artifact))
            refusal.message = f"{artifact.name}: {refusal.message}"
            refusal.params["artifact"] = artifact.name
            raise
        check_measures(artifact.name, found=reader.finish(), expected=get_measures(artifact))
    for what in ("members", "files", "directories", "symlinks", "bytes"):
        if getattr(counts, what) != getattr(expected, what):
            message = f"{artifact.name}: {getattr(counts, what)} {what}, not {getattr(expected, what)}"
            raise ProgramError("counts_differ", message, params={"artifact": artifact.name, "what": what})
    writer.flush()
    if index is not None and not indexed.agrees(get_measures(index)):
        raise make_index_difference(index.name)
    return counts


def check_index_artifact(path: Path, artifact: Artifact, *, codec: str) -> None:
    """Read an index whole: its measures, every line. Whether it says what the tree holds, the tree's check tells."""
    with StoredReader(path, codec=codec, most_bytes=artifact.plain_bytes) as reader:
        stream = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
        refusal: ProgramError | None = None
        try:
            check_entries(stream, name=artifact.name)
        except ProgramError as error:
            refusal = error
        check_measures(artifact.name, found=reader.finish(), expected=get_measures(artifact))
    if refusal is not None:
        raise refusal


def check_state_artifact(path: Path, artifact: Artifact) -> None:
    """The desired state is stored as it is."""
    hashing = Hashing()
    try:
        with path.open("rb") as file:
            while data := file.read(CHUNK_BYTES):
                hashing.update(data)
    except FileNotFoundError as error:
        params = {"artifact": path.name}
        raise ProgramError("artifact_missing", f"{path.name} is missing", params=params) from error
    digest = hashing.hexdigest()
    found = Measures(hashing.bytes, digest, hashing.bytes, digest)
    check_measures(artifact.name, found=found, expected=get_measures(artifact))
