"""Tries mutants of one module on its tests, for scripts/mutants.py; it runs in a copy of the project, as a program.

Tests and what they import are loaded once; each mutant is a forked process in which the changed functions get their
new code, and which runs the tests that ran the changed line in a first, unchanged run. What survives that, and what
changes more than functions (a table, a class), is run again by a fresh pytest with every test on the changed file: only
speed hangs on the short way. The changed file lies in the project meanwhile: programs that tests start read it there.

Standard input: a JSON object with `path`, `tests` and `mutants` (`change`, `source`, `line`). Standard output: a line
`{"green": true}` (without a change the tests pass) and one `{"change": ..., "killed": ...}` for each mutant.
"""

import ctypes
import importlib
import importlib.util
import json
import os
import resource
import select
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
import pytest
from mutant_codes import find_new_codes, list_functions

# A mutant that runs this many times as long as the unchanged tests, and these seconds more, hangs.
TIMES_AS_LONG = 5
SECONDS_MORE = float(os.environ.get("MUTANT_SECONDS_MORE", "20"))
ADDRESS_SPACE_BYTES = 6 << 30
PR_SET_CHILD_SUBREAPER = 36


@dataclass(slots=True)
class Trial:
    """One module's mutants and what is known of its tests: what `main` and the plugin of pytest share."""

    path: Path
    tests: list[str]
    mutants: list[dict[str, Any]]
    original: str
    results: int
    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, set[int]] = field(default_factory=dict)

    def tell(self, **result: object) -> None:
        """Write one line to whoever started this program."""
        os.write(self.results, json.dumps(result).encode() + b"\n")

    def try_mutant(self, mutant: dict[str, Any] | None, *, has_time: bool = True) -> bool | None:
        """Fork; return in the parent whether the tests failed or did not end in time; return None in the child.

        The child has a fresh state directory, a session of its own and bounded memory. None as mutant: no change.
        """
        restore_state()
        if mutant is not None:
            self.path.write_text(mutant["source"])
        child = os.fork()
        if child == 0:
            os.setsid()
            os.dup2(1, 2)
            resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
            return None
        try:
            limit = sum(self.seconds.values()) * TIMES_AS_LONG + SECONDS_MORE if has_time else None
            return wait_for(child, limit) != 0
        finally:
            self.path.write_text(self.original)
            kill_children()


def wait_for(child: int, seconds: float | None) -> int | None:
    """Return a child's exit status; None, and the child killed, when the seconds are over before it ends."""
    descriptor = os.pidfd_open(child)
    try:
        ready = select.select([descriptor], [], [], seconds)[0]
    finally:
        os.close(descriptor)
    if not ready:
        kill_children()
        return None
    return os.waitpid(child, 0)[1]


def kill_children() -> None:
    """Kill and reap every process below this one, also those whose own parent has ended."""
    while children := psutil.Process().children(recursive=True):
        for child in children:
            child.kill()
        psutil.wait_procs(children)


def _get_places() -> tuple[Path, Path]:
    """Return the state directory of the tests (tests/settings.py) and the copy that each trial begins with."""
    place = Path(os.environ["CIVIPAROISSE_TEST_DIR"])
    return place / "main", place / "template"


def restore_state() -> None:
    """Give the tests the state directory that they begin with: a migrated database and nothing else."""
    state, template = _get_places()
    if template.is_dir():
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(template, state)


def make_template(config: pytest.Config) -> None:
    """Migrate a database and keep the state directory with it, for every trial to begin with."""
    from django.db import connections
    from django.test.utils import setup_databases
    from pytest_django.plugin import blocking_manager_key

    config.stash[blocking_manager_key].unblock()
    setup_databases(verbosity=0, interactive=False, keepdb=True)
    connections.close_all()
    shutil.copytree(*_get_places())


class Forks:
    """A plugin of pytest: once the tests are collected, every mutant runs them in a fork of this process."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.survivors: list[dict[str, Any]] = []
        self.is_child = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run no test here: fork for each mutant; in a fork leave it to pytest to run them (None)."""
        if "DJANGO_SETTINGS_MODULE" in os.environ:
            self._fork_template(session.config)
        notes = _get_places()[0].parent / "notes"
        failed = self.trial.try_mutant(None, has_time=False)
        if failed is None:
            self.is_child = True
            session.config.pluginmanager.register(Notes(str(self.trial.path.absolute()), notes))
            return None
        self.trial.tell(green=not failed)
        if failed:
            return True
        for node, seconds, lines in json.loads(notes.read_text()):
            self.trial.seconds[node], self.trial.lines[node] = seconds, set(lines)
        for mutant in self.trial.mutants:
            if self._try(mutant, session) is None:
                return None
        return True

    def _fork_template(self, config: pytest.Config) -> None:
        """Make the template in a process of its own: no test shall find a connection open that it did not open."""
        child = os.fork()
        if child == 0:
            try:
                make_template(config)
            finally:
                os._exit(0)
        os.waitpid(child, 0)

    def _try(self, mutant: dict[str, Any], session: pytest.Session) -> bool | None:
        """Try one mutant the short way, and keep it for the other if it cannot be or is not killed."""
        items = [item for item in session.items if mutant["line"] in self.trial.lines.get(item.nodeid, ())]
        codes = find_new_codes(self.trial.original, mutant["source"])
        killed: bool | None = False
        functions = list_functions(str(self.trial.path.absolute()), codes or {})
        if items and codes and functions:
            killed = self.trial.try_mutant(mutant)
            if killed is None:
                self.is_child = True
                session.items[:] = sorted(items, key=lambda item: self.trial.seconds[item.nodeid])
                for function in functions:
                    function.__code__ = codes[function.__code__.co_qualname]
                return None
        if killed:
            self.trial.tell(change=mutant["change"], killed=True)
        else:
            self.survivors.append(mutant)
        return killed


class Notes:
    """A plugin of pytest: notes how long each test takes and which lines of the module it runs, in a JSON file."""

    def __init__(self, path: str, notes: Path) -> None:
        self.path, self.notes = path, notes
        self.lines: set[int] = set()
        self.rows: list[tuple[str, float, list[int]]] = []

    def _trace(self, frame: FrameType, _event: str, _argument: object) -> Callable[..., Any] | None:
        if frame.f_code.co_filename != self.path:
            return None
        self.lines.add(frame.f_lineno)
        return self._trace

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Watch one test with its fixtures."""
        self.lines.clear()
        began = time.monotonic()
        threading.settrace(self._trace)
        sys.settrace(self._trace)
        result = yield
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
        self.rows.append((item.nodeid, time.monotonic() - began, sorted(self.lines)))
        return result

    def pytest_sessionfinish(self) -> None:
        """Write what was noted."""
        self.notes.write_text(json.dumps(self.rows))


def load_libraries() -> None:
    """Import what takes long and is not of the project, once for all that is forked from here."""
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    for name in ("celery", "django.test", "kubernetes.client", "mysql.connector", "schemathesis"):
        importlib.import_module(name)


def run_pytest(tests: list[str], *plugins: object) -> int:
    """Run these tests until the first failure; return pytest's exit code."""
    place = _get_places()[0].parent / "tmp"
    options = [
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "--reuse-db",
        f"--basetemp={place}",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
    ]
    return int(pytest.main([*options, *tests], plugins=list(plugins)))


def try_by_forks(trial: Trial) -> list[dict[str, Any]]:
    """Try every mutant the short way in a process of its own; return those that are to be tried the long way."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        forks = Forks(trial)
        code = run_pytest(trial.tests, forks)
        if not forks.is_child:
            rest = {"seconds": trial.seconds, "survivors": [mutant["change"] for mutant in forks.survivors]}
            with os.fdopen(writing, "w") as answer:
                json.dump(rest, answer)
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    rest = json.loads(text)
    trial.seconds.update(rest["seconds"])
    return [mutant for mutant in trial.mutants if mutant["change"] in rest["survivors"]]


def main() -> None:
    """Try the mutants of standard input; each result is a line on standard output."""
    job = json.load(sys.stdin)
    sys.path[0] = os.getcwd()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    path = Path(job["path"])
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
    trial = Trial(path, job["tests"], job["mutants"], path.read_text(), os.dup(1))
    # What the tests print goes nowhere: standard output is for results.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    load_libraries()
    for mutant in try_by_forks(trial):
        killed = trial.try_mutant(mutant)
        if killed is None:
            os._exit(run_pytest(trial.tests))
        trial.tell(change=mutant["change"], killed=killed)


if __name__ == "__main__":
    main()
