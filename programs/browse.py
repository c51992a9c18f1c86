"""Tell what a set holds, page by page, without opening dumps or tars: `python3 -m programs.browse`. Changes nothing.

SET_DIR, MANIFEST_KEY_FILE, EXPECTED_TENANT; LOOK=tables or files; WITHIN: one database or tree; BELOW: a directory of
the tree, whose own entries are told (with WITHIN, without SEARCH); SEARCH: part of a name, in any letter case; AFTER:
the place from which to go on. The manifest must be signed by our key, and an index have the sum that it says.

The result's `page` holds {entries, next} as JSON, compressed, in base64: a result has 4 KiB at most.
"""

import base64
import io
import json
import re
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from programs.archive.stored import StoredReader, check_measures
from programs.run.environment import (
    VerifyEnvironment,
    make_environment_error,
    read_choice,
    read_text,
    read_verify_environment,
)
from programs.run.failures import ProgramError, Summary, report_progress, run_program
from programs.run.streams import CHUNK_BYTES
from programs.sets.holding import hold_set
from programs.sets.manifest import Manifest, get_measures, parse_manifest, read_manifest_bytes
from programs.sets.signing import check_signature
from programs.sets.tree_index import IndexEntry, read_entries

LOOKS = ("tables", "files")
MOST_ENTRIES = 100
PAGE_BYTES = 3200  # of base64, beside the rest of a result of 4096
MOST_NAME = 2000  # characters that are told of a longer name
STEP = 10  # entries between two looks at how much they take

Entry = dict[str, Any]
# (place behind the entry, the entry)
Placed = tuple[int, Entry]


@dataclass(frozen=True)
class Asked:
    """What is looked for."""

    look: str
    within: str
    below: str
    search: str
    after: int


def read_asked(env: Mapping[str, str]) -> Asked:
    """Return what the environment asks. Raise ProgramError environment_invalid."""
    text = re.compile(r"[^\x00]{0,4096}", re.DOTALL)
    number = read_text(env, "AFTER", pattern=re.compile(r"[0-9]{1,12}"), accepted="a whole number", default="0")
    below = read_text(env, "BELOW", pattern=text, accepted="a directory of the tree").strip("/")
    if ".." in below.split("/"):
        raise make_environment_error("BELOW", "a directory of the tree")
    return Asked(
        look=read_choice(env, "LOOK", choices=LOOKS, default="tables"),
        within=read_text(env, "WITHIN", pattern=text, accepted="a database or a tree of the set"),
        below=below,
        search=read_text(env, "SEARCH", pattern=text, accepted="part of a name").casefold(),
        after=int(number),
    )


def select_parts(names: Iterable[str], asked: Asked) -> list[str]:
    """The databases or trees to look at. Raise ProgramError ``part_missing`` for one that the set has not."""
    chosen = [name for name in names if asked.within in ("", name)]
    if asked.within and not chosen:
        message = f"the set has no {asked.within}"
        raise ProgramError("part_missing", message, hint="choose one that it has", params={"part": asked.within})
    return chosen


def list_tables(manifest: Manifest, asked: Asked) -> Iterator[Placed]:
    """Yield tables and views with what the manifest says of them, in their order."""
    place = 0
    for name in select_parts(manifest.databases, asked):
        database = manifest.databases[name]
        rows: dict[str, int | None] = {table: item.rows for table, item in database.tables.items()}
        rows |= dict.fromkeys(database.views)
        for table in sorted(rows):
            place += 1
            if place > asked.after and asked.search in table.casefold():
                kind = "view" if rows[table] is None else "table"
                yield place, {"within": name, "name": shorten(table), "kind": kind, "rows": rows[table]}


def list_files(set_dir: Path, manifest: Manifest, asked: Asked) -> Iterator[Placed]:
    """Yield the entries that are looked for. Raise ProgramError ``index_missing`` for a set of before."""
    place = 0
    for tree in select_parts(manifest.trees, asked):
        index = manifest.find_index(tree)
        if index is None:
            hint = "restore it whole, or choose a newer set"
            raise ProgramError("index_missing", "this set was made before files were listed", hint=hint)
        with StoredReader(set_dir / index.name, codec=manifest.codec, most_bytes=index.plain_bytes) as reader:
            stream = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
            for entry in read_entries(stream, name=index.name):
                place += 1
                if place > asked.after and entry.path and matches(entry, asked):
                    yield place, make_file(tree, entry)
            # What was told came of a whole index with the right sum, or the run fails.
            check_measures(index.name, found=reader.finish(), expected=get_measures(index))


def matches(entry: IndexEntry, asked: Asked) -> bool:
    """Tell whether an entry is looked for: below the directory at any depth where a name is searched, else in it."""
    inside = not asked.below or entry.path.startswith(f"{asked.below}/")
    if asked.search:
        return inside and asked.search in entry.path.casefold()
    if not asked.within:
        return "/" not in entry.path
    return inside and "/" not in entry.path[len(asked.below) :].lstrip("/")


def make_file(tree: str, entry: IndexEntry) -> Entry:
    """What is told of a file."""
    told: Entry = {"within": tree, "name": shorten(entry.path), "kind": entry.kind}
    told |= {"bytes": entry.size, "at": entry.mtime_ns // 10**9, "mode": f"{entry.mode:04o}"}
    return {**told, "link": shorten(entry.link)} if entry.link else told


def shorten(name: str) -> str:
    """A name that can be shown: not longer than a line or two, half characters told as such."""
    text = name.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return text if len(text) <= MOST_NAME else text[: MOST_NAME - 1] + "…"


def make_page(placed: Iterator[Placed]) -> str:
    """As many entries as a result holds, and where to go on (None at the end), packed. Reads all of them: an index that
    does not end well has said nothing."""
    entries: list[Placed] = []
    is_full, has_more = False, False
    for item in placed:
        if is_full or len(entries) == MOST_ENTRIES:
            has_more = True
            continue
        entries.append(item)
        if len(entries) % STEP == 0 and len(pack(entries, has_more=True)) > PAGE_BYTES:
            is_full = True
    while len(entries) > 1 and len(pack(entries, has_more=True)) > PAGE_BYTES:
        entries.pop()
        has_more = True
    return pack(entries, has_more=has_more)


def pack(entries: list[Placed], *, has_more: bool) -> str:
    """A page as the text of a result."""
    page = {"entries": [entry for _place, entry in entries], "next": entries[-1][0] if has_more else None}
    data = json.dumps(page, separators=(",", ":"), ensure_ascii=False).encode(errors="backslashreplace")
    return base64.b64encode(zlib.compress(data, 9)).decode()


def main(env: Mapping[str, str]) -> Summary:
    """Look at the set of the environment."""
    checked, asked = read_verify_environment(env), read_asked(env)
    with hold_set(checked.set_dir):
        return look_into(checked, asked)


def look_into(checked: VerifyEnvironment, asked: Asked) -> Summary:
    """The page that is asked for, of a set whose manifest is signed as it should be. Raise ProgramError."""
    data = read_manifest_bytes(checked.set_dir)
    manifest = parse_manifest(data)
    if checked.manifest_key is not None:
        check_signature(data, key=checked.manifest_key)
    if checked.expected_tenant not in (None, manifest.tenant):
        raise ProgramError("other_tenant", f"the set belongs to {manifest.tenant}", hint="choose another set")
    is_files = asked.look == "files"
    placed = list_files(checked.set_dir, manifest, asked) if is_files else list_tables(manifest, asked)
    page = make_page(placed)
    report_progress(100, "looked at")
    return {"backup_id": manifest.backup_id, "page": page}


if __name__ == "__main__":
    sys.exit(run_program(main))
