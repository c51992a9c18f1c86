"""Count what people know of an instance as it is now: `python3 -m programs.figures`. Changes nothing, tells no row.

FIGURES says what is counted, DATA_SETS where the databases and trees are; SINCE what the other side of the comparison
had, so that what was entered and changed since is counted too. An account that may only SELECT suffices.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from programs.archive.file_count import count_files
from programs.databases.client import Client
from programs.databases.figures import FigureCount
from programs.run.data_sets import Trees, read_trees
from programs.run.environment import read_directory, read_server
from programs.run.failures import ProgramError, Summary, report_progress, run_program
from programs.run.figures import FILES, Figure, Since, read_figures, read_since


def count_rows(client: Client, declared: Mapping[str, Figure], *, since: Since | None) -> dict[str, Any]:
    """Return {"at", "counts"} of the databases, in one snapshot. Raise ProgramError where the server is silent."""
    with FigureCount(client, client.observe_vendor(), declared, since=since) as counting:
        counting.begin()
        counting.ask()
        told = counting.receive()
        if told is None:
            hint = "check that the database server runs, then run again"
            raise counting.failure or ProgramError("database_failed", "it told nothing", hint=hint, retryable=True)
    return told


def count_tree_files(trees: Trees, *, since: Since | None) -> dict[str, int] | None:
    """Return the files of all trees, as one figure; None where one of them cannot be read."""
    whole: dict[str, int] = {}
    for name, root in trees.items():
        try:
            told = count_files(
                root,
                left_out=tuple(trees.declared[name].left_out),
                newer_than=None if since is None else since.at,
            )
        except OSError:
            return None
        newest = max(whole.get("newest", told.get("newest", 0)), told.get("newest", 0))
        whole = {key: whole.get(key, 0) + value for key, value in told.items() if key != "newest"}
        whole |= {"newest": newest} if newest else {}
    return whole or None


def main(env: Mapping[str, str]) -> Summary:
    """Count; return {"figures": {"at", "counts"}}."""
    declared, since = read_figures(env), read_since(env)
    server, trees = read_server(env), read_trees(env, scope="database")
    with tempfile.TemporaryDirectory(dir=read_directory(env, "WORK_DIR")) as scratch:
        report_progress(5, "counting rows")
        told = count_rows(Client(server, scratch=Path(scratch)), declared, since=since)
    report_progress(60, "counting files")
    files = count_tree_files(trees, since=since)
    return {"figures": {**told, "counts": told["counts"] | ({FILES: files} if files else {})}}


if __name__ == "__main__":
    sys.exit(run_program(main))
