"""One file or directory of an archive: written aside with all below it, then put in its place in the live tree."""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from programs.archive.extract import DIRECTORY_FLAGS, Writer, make_write_error
from programs.archive.members import MemberChecker, MemberCounts, make_link_target
from programs.archive.swap import delete_leftovers, discard, make_staging_path, make_trash_path, move
from programs.archive.tar_format import Member, MemberKind, TarReader
from programs.run.durable import sync_directory, sync_file_system
from programs.run.failures import ProgramError

STAGED = b"entry"


@dataclass(frozen=True)
class Found:
    """What was written aside. ``mode`` and ``members`` of it, ``notes``: what could not be kept."""

    counts: MemberCounts
    members: int
    is_directory: bool
    notes: list[str]


def clean_path(text: str) -> bytes:
    """The path below the root of a tree. Raise ProgramError (``path_refused``) for one that leads elsewhere."""
    path = os.fsencode(text.strip("/"))
    parts = path.split(b"/")
    if not path or any(part in (b"", b".", b"..") or b"\0" in part for part in parts):
        raise ProgramError(
            "path_refused", "a path below the tree is needed", hint="give it as the list of files shows it"
        )
    return path


def extract_entry(stream: BinaryIO, staged: Path, path: bytes, *, origin: str, root: str) -> Found:
    """Write the entry called ``path`` and what is below it into ``staged``, an empty directory, as `entry`. The archive
    is read and judged whole. Raise ProgramError (``entry_missing``: the archive has none of that name;
    ``entry_linked``: it holds a hard link to a file that is elsewhere)."""
    reader, checker = TarReader(stream), MemberChecker(root=origin)
    notes: list[str] = []
    kept: dict[bytes, Member] = {}
    with Writer(str(staged)) as writer:
        for member in reader:
            name = checker.add(member)
            if name != path and not name.startswith(path + b"/"):
                continue
            place = STAGED + name[len(path) :]
            if member.kind is MemberKind.HARDLINK:
                target = make_link_target(member)
                if target not in kept:
                    raise ProgramError(
                        "entry_linked",
                        f"{os.fsdecode(name)} is a hard link to {os.fsdecode(target)}, which is not below it",
                        hint="take the directory that holds both",
                        params={"member": os.fsdecode(name)},
                    )
                member = dataclasses.replace(member, link=STAGED + target[len(path) :])
            kept[name] = member
            try:
                writer.write(member, place, reader)
            except OSError as error:
                raise make_write_error(error, member.name) from error
        counts = checker.finish(data_bytes=reader.data_bytes)
        if path not in kept:
            params = {"path": os.fsdecode(path)}
            raise ProgramError(
                "entry_missing", f"the set has no {os.fsdecode(path)}", hint="look into it", params=params
            )
        below = {STAGED + name[len(path) :]: name for name in kept}
        left_out = frozenset(
            place for place, name in below.items() if name in counts.outside and not is_same_link(root, name, kept)
        )
        writer.write_links(left_out=left_out, origin=origin, root=root)
        writer.finish()
    if left_out:
        notes.append(f"{len(left_out)} symbolic links that lead out of the tree")
    return Found(counts, len(kept), kept[path].kind is MemberKind.DIRECTORY, notes)


def is_same_link(root: str, name: bytes, kept: Mapping[bytes, Member]) -> bool:
    """Tell whether the live tree has this very link: then it lets nobody out who is not."""
    try:
        return os.readlink(os.path.join(os.fsencode(root), name)) == kept[name].link
    except OSError:
        return False


def open_parent(root: Path, path: bytes) -> Path:
    """The live directory that the entry belongs in, reached without a link. Raise ProgramError (``parent_missing``)."""
    handle = os.open(root, DIRECTORY_FLAGS)
    try:
        for part in path.split(b"/")[:-1]:
            inner = os.open(part, DIRECTORY_FLAGS, dir_fd=handle)
            os.close(handle)
            handle = inner
    except OSError as error:
        shown = os.fsdecode(path.rpartition(b"/")[0])
        hint = "take the directory above it"
        params = {"path": shown}
        raise ProgramError(
            "parent_missing", f"there is no directory {shown} any more", hint=hint, params=params
        ) from error
    finally:
        os.close(handle)
    return root / os.fsdecode(path.rpartition(b"/")[0])


def put_in_place(root: Path, backup_id: str, path: bytes) -> list[str]:
    """Put what was written aside in the place of what is there. Return what must be said of what cannot be deleted."""
    staged = make_staging_path(root, backup_id) / os.fsdecode(STAGED)
    live = open_parent(root, path) / os.fsdecode(path.rpartition(b"/")[2])
    sync_file_system(root)
    discard(live, make_trash_path(root, backup_id))
    move(staged, live)
    sync_directory(live.parent)
    return delete_leftovers(root)
