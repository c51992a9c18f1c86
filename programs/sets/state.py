"""instance.json: what the instance should be, as the manager gave it, and the figures that people know of it.

The figures stand here since every program reads this file as any JSON document, under the manifest's signature; a new
field of the manifest, or a new file of a set, is refused by the programs of before.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from programs.run.failures import ProgramError, Summary
from programs.run.figures import CODE, MOST_FIGURES
from programs.run.strict_json import StrictJsonError, parse_json
from programs.sets.manifest import STATE_NAME

MOST_BYTES = 4 * 1024 * 1024
KEY = "figures"
NAMES = frozenset({"count", "last", "cents", "newest"})


def make_state(path: Path | None, figures: Mapping[str, object] | None) -> bytes | None:
    """Return the document of the file at `path` with the figures in it; None where there is neither. Raise ProgramError
    ``state_invalid``."""
    data = None if path is None else read_state(path)
    if not figures:
        return data
    document = {} if data is None else parse_json(data)
    # What is no object is the manager's to say, and stays as it is.
    return data if not isinstance(document, dict) else format_state({**document, KEY: figures})


def read_state(path: Path) -> bytes:
    """Return the bytes of a file with one JSON document. Raise ProgramError ``state_invalid``."""
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    try:
        parse_json(data if len(data) <= MOST_BYTES else b"")
    except StrictJsonError as error:
        message = "DESIRED_STATE_FILE does not hold one JSON document of at most 4 MiB"
        raise ProgramError("state_invalid", message, hint="report it: the manager writes this file") from error
    return data


def format_state(document: Mapping[str, Any]) -> bytes:
    """Return a document as the manager writes it."""
    return json.dumps(document, indent=1, sort_keys=True).encode()


def read_set_figures(set_dir: Path) -> dict[str, Any] | None:
    """Return the figures of a set that was checked; None where it has none, or none of the known shape."""
    try:
        document = parse_json(read_state(set_dir / STATE_NAME))
    except (FileNotFoundError, ProgramError):
        return None
    figures = document.get(KEY) if isinstance(document, dict) else None
    return figures if is_known(figures) else None


def tell_figures(set_dir: Path) -> Summary:
    """Return what a result says of the figures of a set that was checked: nothing where it has none."""
    figures = read_set_figures(set_dir)
    return {} if figures is None else {KEY: figures}


def is_known(figures: object) -> bool:
    """Tell whether figures have the shape in which they are written: whole numbers by code and name."""
    if not isinstance(figures, dict) or set(figures) != {"at", "counts"} or type(figures["at"]) is not int:
        return False
    counts = figures["counts"]
    if not isinstance(counts, dict) or len(counts) > MOST_FIGURES + 1:
        return False
    return all(
        CODE.fullmatch(code)
        and isinstance(one, dict)
        and "count" in one
        and set(one) <= NAMES
        and all(type(value) is int and abs(value) < 1 << 62 for value in one.values())
        for code, one in counts.items()
    )
