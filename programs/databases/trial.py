"""Every definition of a set tried on the server, under throwaway names, before anything is dropped.

What a load would be refused is known then, object by object; and whether what comes of the text is what the manifest
says. Where the account may not make databases, the objects are tried beside the live ones: views and foreign keys are
left out then, and nothing can be compared.
"""

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack

from programs.databases.client import Client, quote_name
from programs.databases.comparison import select_other, select_views
from programs.databases.events import list_dated_events, select_expired
from programs.databases.inventory import Observer
from programs.databases.load import Loader
from programs.databases.restless_views import list_restless
from programs.databases.scratch import PREFIX, make_scratch_databases, remove_scratch
from programs.databases.table_load import Sender
from programs.databases.trial_text import ROUTINES, count_foreign_keys, hide_part, move_part
from programs.databases.views import ViewParts, group_views, run_views
from programs.run.failures import ProgramError, report_progress
from programs.sets.manifest import Database
from programs.sql.names import list_outside, read_tokens
from programs.sql.statements import Part

Parts = Mapping[str, Sequence[Part]]  # by database, all statements but rows
SORTS = ("TABLE", "VIEW", "TRIGGER", "EVENT", *ROUTINES)
TRIED = frozenset({"ALTER DATABASE", "ALTER TABLE", *(f"CREATE {sort}" for sort in SORTS)})
# Not tried beside the live objects: a package is called by its name from within, too.
NOT_BESIDE = ("CREATE VIEW", "ALTER DATABASE", "ALTER TABLE", "CREATE PACKAGE", "CREATE PACKAGE BODY")
SHOWN = 10
NO_DATABASE = 1049
# Tables, routines and sequences that are not there, where only a part is tried.
MISSING = frozenset({1146, 1305, 4091})


def try_definitions(loader: Loader, parts: Parts) -> list[str]:
    """Try them; return what must be said. Raise ProgramError (``set_not_loadable``, ``counts_differ``): then nothing
    was changed."""
    report_progress(26, "trying the definitions")
    client = loader.client
    expected = {name: loader.manifest.databases[name] for name in client.access.databases}
    trier = loader.apart or loader
    remove_scratch(client)
    try:
        moved = make_scratch_databases(trier.client, expected)
        trial = Trial(trier, parts, moved or {})
        trial.run()
        if trial.problems:
            raise make_not_loadable(trial.problems)
        if moved is not None:
            compare_scratch(trier.client, moved, expected, parts)
            return []
    finally:
        remove_scratch(trier.client)
    return list_untried(parts, expected)


def list_untried(parts: Parts, expected: Mapping[str, Database]) -> list[str]:
    """What must be said where the objects were tried beside the live ones, and not in databases of their own."""
    every = [part for each in parts.values() for part in each]
    numbers = {
        "views": sum(len(item.views) for item in expected.values()),
        "foreign keys": sum(count_foreign_keys(part) for part in every if part.verdict.kind.endswith(" TABLE")),
        "packages": sum(part.verdict.kind == "CREATE PACKAGE" for part in every),
    }
    counted = ", ".join(f"{number} {name}" for name, number in numbers.items() if number)
    tried = f"{counted} could not be tried before the databases were dropped, and " if counted else ""
    said = f"{tried}what the other definitions come to could not be compared"
    return [f"{said}: the account may not make databases for that, and no administrator's was given"]


class Trial:
    """One run. ``problems``: what the server refused, with what it said. ``moved``: throwaway names of databases;
    empty where the objects themselves have one."""

    def __init__(self, loader: Loader, parts: Parts, moved: Mapping[str, str]) -> None:
        self.problems: list[tuple[str, str]] = []
        self._loader, self._parts, self._moved = loader, parts, moved
        self._all = frozenset(parts)
        self._hidden: dict[str, str] = {}  # of tables of one database, by name
        self._number = 0

    def run(self) -> None:
        """Try sequences first, then all but views in their order, then views in theirs. Raise ProgramError only where
        the server is lost."""
        with ExitStack() as opened:
            senders = {}
            for database in self._parts:
                try:
                    connection = self._loader.connect(self._moved.get(database, database))
                except ProgramError as error:
                    if self._moved or error.params.get("number") != NO_DATABASE:
                        raise
                    continue  # a killed restore dropped it: there is nothing to try it beside, nor to lose
                senders[database] = Sender(opened.enter_context(connection), account=self._loader.account)
            self._parts = {name: parts for name, parts in self._parts.items() if name in senders}
            for database, parts in self._parts.items():
                self._try_all(senders[database], database, (p for p in parts if p.verdict.kind == "CREATE SEQUENCE"))
            for database, parts in self._parts.items():
                self._hidden = {}
                chosen = (part for part in parts if part.section < 2 and part.verdict.kind in TRIED)
                self._try_all(senders[database], database, chosen)
            if self._moved:
                self._try_views(senders)
            else:
                self._look_outside(senders)

    def _try_all(self, sender: Sender, database: str, parts: Iterable[Part]) -> None:
        for part in parts:
            if self._moved:
                ready: Part | None = move_part(part, self._moved, database=database)
            elif part.verdict.kind in NOT_BESIDE:
                continue
            else:
                self._number += 1
                ready = hide_part(part, self._number, self._hidden)
            if ready is None:
                continue
            try:
                sender.send(ready)
            except ProgramError as error:
                self._note(database, part, error)
            else:
                if part.verdict.kind == "CREATE TABLE":
                    self._hidden[part.verdict.name] = f"{PREFIX}{self._number}"

    def _try_views(self, senders: Mapping[str, Sender]) -> None:
        final = {name: [part for part in parts if part.section == 2] for name, parts in self._parts.items()}

        def run(group: ViewParts) -> None:
            for part in group.parts:
                senders[group.database].send(move_part(part, self._moved, database=group.database))

        for group, error in run_views(group_views(final), run):
            self._note(group.database, group.parts[-1], error)

    def _look_outside(self, senders: Mapping[str, Sender]) -> None:
        """Views themselves cannot be tried: at least the tables that they need of other databases can be looked at."""
        for database, parts in self._parts.items():
            for part in parts:
                if part.section < 2 or part.verdict.kind != "CREATE VIEW":
                    continue
                for place, name in sorted(list_outside(read_tokens(part.text, part.values))):
                    if place in self._all:
                        continue
                    try:
                        senders[database].look(f"SELECT 1 FROM {quote_name(place)}.{quote_name(name)} LIMIT 0")
                    except ProgramError as error:
                        self._note(database, part, error, missing=frozenset())

    def _note(self, database: str, part: Part, error: ProgramError, *, missing: Collection[int] = MISSING) -> None:
        """Keep what the server said. Raise the error where that is nothing about the object."""
        number = error.params.get("number")
        if error.retryable or error.code not in ("database_failed", "database_refused"):
            raise error
        if not self._moved and number in missing:
            return
        said = error.message.rpartition("the server refused: ")[2]
        for name, throwaway in self._moved.items():
            said = said.replace(throwaway, name)
        sort = part.verdict.kind.removeprefix("CREATE ").lower()
        self.problems.append((f"{sort} {database}.{part.verdict.name}", said))


def compare_scratch(client: Client, moved: Mapping[str, str], expected: Mapping[str, Database], parts: Parts) -> None:
    """Raise ProgramError (``counts_differ``) unless what was made of the text is what the manifest says."""
    access = dataclasses.replace(client.access, databases=tuple(moved.values()))
    observer = Observer(Client(access, scratch=client.scratch), renamed={new: name for name, new in moved.items()})
    inventory = observer.observe()
    for name, wanted in expected.items():
        live = inventory[moved[name]]
        texts = b"\n".join(part.text for part in parts[name] if part.verdict.kind == "CREATE EVENT")
        views = select_views(live, wanted.views)
        other = select_other(views, wanted.views)
        views |= {view: wanted.views[view] for view in list_restless(client, moved[name], other)}
        gone = select_expired(live, wanted.events, dated=list_dated_events(texts))
        pairs = {
            "tables": (live.tables, {table: item.engine for table, item in wanted.tables.items()}),
            "views": (views, wanted.views),
            "triggers": (live.triggers, wanted.triggers),
            "routines": (live.routines, wanted.routines),
            "sequences": (live.sequences, wanted.sequences),
            "events": (live.events, {event: body for event, body in wanted.events.items() if event not in gone}),
        }
        for what, (found, said) in pairs.items():
            if odd := sorted(key for key in {*found, *said} if found.get(key) != said.get(key)):
                shown = ", ".join(odd[:5])
                message = f"the {what} that the text of {name} makes are not those of the manifest: {shown}"
                params = {"database": name, "kind": what, "objects": shown}
                raise ProgramError("counts_differ", message, hint="choose another backup", params=params)


def make_not_loadable(problems: Sequence[tuple[str, str]]) -> ProgramError:
    """The error of a set whose definitions the server would not take, each with what it said."""
    shown = "; ".join(f"{thing}: {said}" for thing, said in problems[:SHOWN])
    more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    message = f"the server would not take {len(problems)} of the set's objects: {shown}{more}"
    hint = "nothing was changed: give the server what they need, or choose another backup"
    objects = ", ".join(thing for thing, _ in problems[:SHOWN])
    return ProgramError("set_not_loadable", message, hint=hint, params={"objects": objects, "number": len(problems)})
