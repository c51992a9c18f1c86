"""A file tree into a stored tar: everything that can be restored, nothing unsaid."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from programs.archive.members import is_own_directory
from programs.archive.stored import StoredWriter
from programs.run.failures import ProgramError
from programs.run.streams import CHUNK_BYTES, Child, Measures, Watchdog

ATTEMPTS = 2  # files that changed while read are read once more
SPECIAL_MAX = 200
LISTED_MAX = 1000
# The three sentences of GNU tar 1.34 behind its exit code 1 (src/create.c, src/misc.c).
_CHANGED = re.compile(
    r"tar: (.*): (?:file changed as we read it|File removed before we read it|File shrank by .*|"
    r"contents changed|directory is on a different filesystem.*)$"
)
_UNREADABLE = re.compile(r"tar: (.*): (?:Cannot (?:open|stat|read|savedir|readlink)|Read error).*: (.*)$")
_GLOB = re.compile(rb"([\\*?\[\]])")


@dataclass(frozen=True)
class Archived:
    """One tree in its file. `specials`: sockets, fifos and devices, which are not archived."""

    measures: Measures
    tar_exit: int
    changed_members: list[str] = field(default_factory=list)
    specials: list[str] = field(default_factory=list)


def format_path(path: bytes) -> str:
    """A path for people: other than printable UTF-8 is escaped."""
    text = path.decode(errors="backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def list_specials(root: bytes) -> Iterator[bytes]:
    """Paths below `root` of what is neither file, directory nor symbolic link. Unreadable ones are tar's to say."""
    pending = [b""]
    while pending:
        below = pending.pop()
        try:
            entries = list(os.scandir(os.path.join(root, below)))
        except OSError:
            continue
        for entry in entries:
            path = os.path.join(below, entry.name)
            if not below and is_own_directory(entry.name):
                continue
            # The directory tells the kind: no further question for each file.
            if entry.is_dir(follow_symlinks=False):
                pending.append(path)
            elif not entry.is_file(follow_symlinks=False) and not entry.is_symlink() and os.path.lexists(entry.path):
                yield path


def make_tar_command(root: Path, *, excluded: list[bytes], left_out: Sequence[str] = ()) -> list[str | bytes]:
    """The command line; `excluded`: exact paths below the root, `left_out`: patterns, of which no part matches a slash.
    Options first: GNU tar refuses them later."""
    names = [b"--exclude=./" + _GLOB.sub(rb"\\\1", path) for path in excluded]
    names += [b"--exclude=./" + os.fsencode(pattern) for pattern in left_out]
    return [
        "tar",
        "--create",
        "--file=-",
        "--format=pax",
        "--pax-option=delete=atime,delete=ctime",
        "--sparse",
        "--numeric-owner",
        "--xattrs",  # access control lists too, as the kernel keeps them
        "--xattrs-include=user.*",
        "--xattrs-include=system.posix_acl_*",
        "--warning=no-file-ignored",
        "--quoting-style=escape",
        "--anchored",
        "--wildcards",
        "--no-wildcards-match-slash",
        *names,
        f"--directory={root}",
        ".",
    ]


def _archive_once(
    root: Path, path: Path, *, codec: str, excluded: list[bytes], left_out: Sequence[str]
) -> tuple[Measures, int, list[str]]:
    with StoredWriter(path, codec=codec) as writer:
        command = make_tar_command(root, excluded=excluded, left_out=left_out)
        with Child(command) as child, Watchdog(child, writer.child) as watchdog:
            output = child.process.stdout
            assert output is not None
            while data := os.read(output.fileno(), CHUNK_BYTES):
                writer.write(data)
                watchdog.touch()
            code = child.wait(timeout_seconds=60)
            lines = [line for line in child.read_stderr().splitlines() if line]
            if code not in (0, 1):
                raise make_tar_failure(lines, child.make_failure(code))
        measures = writer.finish()
    changed = [match[1] if (match := _CHANGED.match(line)) else line for line in lines]
    return measures, code, sorted(set(changed))[:LISTED_MAX]


def make_tar_failure(lines: list[str], error: ProgramError) -> ProgramError:
    """Name the file that tar could not read, if that is why it failed."""
    for line in lines:
        if match := _UNREADABLE.match(line):
            message = f"the file {match[1]} cannot be read: {match[2]}"
            hint = "correct its owner or mode, or remove it, then run again"
            return ProgramError("unreadable_file", message, hint=hint, params={"member": match[1]})
    return error


def archive_tree(root: Path, path: Path, *, codec: str, left_out: Sequence[str] = ()) -> Archived:
    """Archive a live tree into a new stored file, without what the patterns of `left_out` name; once more when files
    changed meanwhile.

    Raise ProgramError unreadable_file, too_many_specials, stage_failed or no_space.
    """
    changed: list[str] = []
    for attempt in range(1, ATTEMPTS + 1):
        specials: list[bytes] = []
        for special in list_specials(os.fsencode(root)):
            specials.append(special)
            if len(specials) > SPECIAL_MAX:
                message = f"more than {SPECIAL_MAX} sockets, fifos or devices below {root}"
                raise ProgramError("too_many_specials", message, hint="a site holds none: remove them")
        own = [name for entry in os.scandir(os.fsencode(root)) if is_own_directory(name := entry.name)]
        measures, code, changed = _archive_once(root, path, codec=codec, excluded=specials + own, left_out=left_out)
        if code == 0 or attempt == ATTEMPTS:
            return Archived(measures, code, changed if code else [], [format_path(item) for item in specials])
        path.unlink()
    raise AssertionError("unreachable")
