"""The order in which views are made: a view after those that it names, over all databases.

Dumps list them by the alphabet, and stand-ins before them that are no tables: over such a one a server refuses a CHECK
OPTION, and takes the view as one that cannot be written to, for ever.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from programs.run.failures import ProgramError
from programs.sql.names import Needed, list_needs, read_tokens
from programs.sql.statements import Part


@dataclass
class ViewParts:
    """The statements that make one view in the place of its stand-in."""

    database: str
    name: str
    parts: list[Part]
    needs: set[Needed] = field(default_factory=set)


def group_views(views: Mapping[str, Sequence[Part]]) -> list[ViewParts]:
    """The statements of the final part of each database's dump, by view, in the order in which they are to be run."""
    groups = []
    for database, parts in views.items():
        waiting: list[Part] = []
        for part in parts:
            waiting.append(part)
            if part.verdict.kind == "CREATE VIEW":
                needs = list_needs(read_tokens(part.text, part.values), database)
                groups.append(ViewParts(database, part.verdict.name, waiting, needs))
                waiting = []
        if waiting:
            groups.append(ViewParts(database, "", waiting))
    return sort_views(groups)


def sort_views(groups: Iterable[ViewParts]) -> list[ViewParts]:
    """Each after those that it needs, else in their order; where two seem to need each other, in their order."""
    known = {(group.database, group.name): group for group in groups}
    done: dict[Needed, ViewParts] = {}
    for first in known:
        waiting, opened = [first], set[Needed]()
        while waiting:
            key = waiting[-1]
            missing = sorted(
                need for need in known[key].needs if need in known and need not in done and need not in opened
            )
            if missing and key not in done:
                opened.add(key)
                waiting += [need for need in missing if need != key]
                if waiting[-1] != key:
                    continue
            waiting.pop()
            done.setdefault(key, known[key])
    return list(done.values())


def run_views(groups: Sequence[ViewParts], run: Callable[[ViewParts], None]) -> list[tuple[ViewParts, ProgramError]]:
    """Run the statements of each view; what the server refuses is tried again after the others, as long as that helps.
    Return what it goes on refusing, with what it said."""
    waiting = list(groups)
    while True:
        refused: list[tuple[ViewParts, ProgramError]] = []
        for group in waiting:
            try:
                run(group)
            except ProgramError as error:
                if error.code not in ("database_failed", "database_refused"):
                    raise
                refused.append((group, error))
        if not refused or len(refused) == len(waiting):
            return refused
        waiting = [group for group, _ in refused]
