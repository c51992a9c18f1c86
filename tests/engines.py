"""An engine for tests of operations: its instances are files, so that several processes share them.

It keeps the protocol's promises (repeatable, a job name runs at most once, state survives kill -9) and counts every
effect it really had, so that a test sees what was done twice. Not a substitute for tests with the real engine.
"""

import fcntl
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from domain.errors import ClusterUnreachable, EngineUnavailable
from domain.specs import (
    Component,
    ComponentPhase,
    InstanceSpec,
    JobPhase,
    JobProgram,
    JobSpec,
    JobStatus,
    ObservedComponent,
    ObservedInstance,
    ProbeResult,
)
from programs.browse import make_page
from tests.fake_fleet import FakeFleet

BLOCK_SECONDS = 1500
# What a backup program reports of its set.
# What people know of every instance, as programs/figures.py tells it.
COUNTS = {"contacts": {"count": 3, "last": 3}, "contributions": {"count": 2, "last": 2, "cents": 3000}}
COUNTED = {"at": 1_780_000_000, "counts": COUNTS}
FIGURES = {"stored_bytes": 1000, "plain_bytes": 5000, "rows": 42, "tables": 7, "members": 9, "duration_seconds": 0.5}


class FakeEngine(FakeFleet):
    """Instances as files below `root`.

    Per instance: `effects`, what was really changed, in order; `calls`, what was asked, in order. A component is
    STARTING for the first look after its start, a job RUNNING for the first look: both make steps wait.
    """

    name = "fake"

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self._observe_state = _observe
        # Called with (identifier, name) in the middle of every call, once it is counted: a test does something then.
        self.before_call: Callable[[str, str], None] = lambda _identifier, _name: None

    # --- What tests set and read ------------------------------------------------------------------------------

    def block(self, identifier: str, *, call: int, moment: str) -> None:
        """Make the call number `call` (from 1) of the instance stop `before` or `after` its effect."""
        self._place(identifier).mkdir(parents=True, exist_ok=True)
        (self._place(identifier) / "block").write_text(f"{call} {moment}")

    def unblock(self, identifier: str) -> None:
        """Let a blocked call go on, and block no other."""
        (self._place(identifier) / "block").unlink(missing_ok=True)

    def is_blocked(self, identifier: str) -> bool:
        """Return whether a call stands at the blocked point."""
        return (self._place(identifier) / "reached").exists()

    def fail(
        self, identifier: str, call_name: str, *, times: int, code: str = "", params: dict[str, Any] | None = None
    ) -> None:
        """Make the next `times` calls of `call_name` fail: unavailable, or a job that reports `code` with `params`,
        is `lost` or `hangs`; with a `code`, a call that is no job fails for good.

        `stay down` is no call: nothing that `resume` starts comes up then."""
        with self._edit(identifier) as state:
            state["failures"][call_name] = {"times": times, "code": code, "params": params or {}}

    def set_up(
        self,
        identifier: str,
        *,
        running: frozenset[Component] = frozenset(),
        backup_ids: tuple[str, ...] = (),
        manager: str = "",
    ) -> None:
        """Make an initialised instance, as an earlier provisioning and earlier backups left it. `manager`: whose."""
        looks = {component.value: 2 for component in running}
        with self._edit(identifier) as state:
            state.update(exists=True, initialised=True, running=looks, sets=list(backup_ids), manager=manager)

    def list_effects(self, identifier: str) -> list[str]:
        """Return what was really changed, in order."""
        with self._edit(identifier) as state:
            return list(state["effects"])

    def count_effects(self, identifier: str) -> Counter[str]:
        """Return how often each effect happened."""
        return Counter(self.list_effects(identifier))

    def list_runs(self, identifier: str, program: JobProgram) -> list[dict[str, str]]:
        """Return the environment of each run of `program`, in order."""
        with self._edit(identifier) as state:
            return [job["environment"] for job in state["jobs"].values() if job["program"] == program.value]

    def hide_sets(self, identifier: str) -> None:
        """Make the sets of later backups not appear on the volume."""
        with self._edit(identifier) as state:
            state["hidden"] = True

    def lose_set(self, identifier: str, backup_id: str) -> None:
        """Make a backup set disappear from the volume."""
        with self._edit(identifier) as state:
            state["sets"].remove(backup_id)

    def list_calls(self, identifier: str) -> list[str]:
        """Return the names of all calls, in order."""
        with self._edit(identifier) as state:
            return list(state["calls"])

    def mark(self, identifier: str, name: str) -> None:
        """Note where the asker stands as if it were a call, so that it can be blocked there; the first time only."""
        if name not in self.list_calls(identifier):
            with self._call(identifier, name):
                pass

    # --- The protocol -----------------------------------------------------------------------------------------

    def apply(self, spec: InstanceSpec) -> ObservedInstance:
        """See engine.base."""
        with self._call(spec.identifier, "apply") as state:
            if not state["exists"]:
                state["exists"] = True
                state["effects"].append("make volumes")
            wanted = {component.value for component in spec.components} if state["initialised"] else set()
            _run_exactly(state, wanted)
            return _observe(spec.identifier, state)

    def observe(self, identifier: str) -> ObservedInstance:
        """See engine.base."""
        with self._call(identifier, "observe") as state:
            return _observe(identifier, state)

    def suspend(self, spec: InstanceSpec) -> ObservedInstance:
        """See engine.base."""
        with self._call(spec.identifier, "suspend") as state:
            _run_exactly(state, set())
            return _observe(spec.identifier, state)

    def resume(self, spec: InstanceSpec) -> ObservedInstance:
        """See engine.base."""
        with self._call(spec.identifier, "resume") as state:
            stays_down = "stay down" in state["failures"]
            _run_exactly(state, set() if stays_down else {component.value for component in spec.components})
            return _observe(spec.identifier, state)

    def run_job(self, spec: InstanceSpec, job: JobSpec) -> JobStatus:
        """See engine.base. An init makes the instance initialised when it ends, a backup its set."""
        with self._call(spec.identifier, f"run_job {job.program.value}") as state:
            known = state["jobs"].get(job.name)
            if known is None:
                state["effects"].append(f"run {job.program.value}")
                state["jobs"][job.name] = {
                    "program": job.program.value,
                    "code": state["told"].get("code", ""),
                    "params": state["told"].get("params", {}),
                    "environment": dict(job.environment),
                }
                return JobStatus(name=job.name, phase=JobPhase.RUNNING, progress=50, message="half-way")
            if known["code"] == "hangs":
                return JobStatus(name=job.name, phase=JobPhase.RUNNING, progress=50, message="half-way")
            if known["code"] == "lost":
                return JobStatus(name=job.name, phase=JobPhase.LOST, message="it was killed")
            if known["code"]:
                error = {"code": known["code"], "message": "told to fail", "hint": "", "retryable": False}
                error["params"] = known["params"]
                return JobStatus(name=job.name, phase=JobPhase.FAILED, result={"ok": False, "error": error})
            if job.program is JobProgram.INIT:
                state["initialised"] = True
            if job.program is JobProgram.BACKUP and job.environment["BACKUP_ID"] not in state["sets"]:
                state["sets"].append(job.environment["BACKUP_ID"])
            if job.program is JobProgram.DISCARD:
                removed = job.environment["BACKUP_ID"] in state["sets"]
                state["sets"] = [one for one in state["sets"] if one != job.environment["BACKUP_ID"]]
                report = {"ok": True, "backup_id": job.environment["BACKUP_ID"], "removed": removed}
                return JobStatus(name=job.name, phase=JobPhase.SUCCEEDED, progress=100, result=report)
            result = {"ok": True, **(FIGURES if job.program is JobProgram.BACKUP else {})}
            if job.program in (JobProgram.BACKUP, JobProgram.FIGURES):
                result["figures"] = COUNTED
            if job.program is JobProgram.BROWSE:
                result["page"] = make_page(iter([(1, {"within": "civicrm", "name": "t", "kind": "table", "rows": 3})]))
            return JobStatus(name=job.name, phase=JobPhase.SUCCEEDED, progress=100, result=result)

    def cancel_job(self, identifier: str, name: str) -> None:
        """See engine.base."""
        with self._call(identifier, "cancel_job") as state:
            if name in state["jobs"]:
                state["jobs"][name]["code"] = "lost"

    def probe(self, spec: InstanceSpec) -> ProbeResult:
        """See engine.base."""
        with self._call(spec.identifier, "probe") as state:
            ok = Component.HTTPD.value in state["running"]
            return ProbeResult(ok=ok, seconds=0.01, detail="" if ok else "nobody answers")

    def delete(self, identifier: str, *, keep_backups: bool) -> ObservedInstance:
        """See engine.base."""
        with self._call(identifier, f"delete keep_backups={keep_backups}") as state:
            if state["exists"]:
                state["effects"].append("purge")
            state.update(exists=False, initialised=False, running={}, sets=state["sets"] if keep_backups else [])
            return _observe(identifier, state)

    # --- Files ------------------------------------------------------------------------------------------------

    def _place(self, identifier: str) -> Path:
        return self.root / identifier

    @contextmanager
    def _call(self, identifier: str, name: str) -> Iterator[dict[str, Any]]:
        with self._edit(identifier) as state:
            state["calls"].append(name)
            number = len(state["calls"])
            failure = state["failures"].get(name)
            told_to_fail = bool(failure and failure["times"])
            state["told"] = dict(failure) if told_to_fail else {}
            if told_to_fail:
                failure["times"] -= 1
        self.before_call(identifier, name)
        self._stop_if_blocked(identifier, f"{number} before")
        if told_to_fail and failure["code"] == "cluster_unreachable":
            raise ClusterUnreachable(instance=identifier, detail="told not to answer")
        if told_to_fail and not (failure["code"] and name.startswith("run_job")):
            raise EngineUnavailable(
                retryable=not failure["code"], instance=identifier, detail=failure["code"] or "told to be away"
            )
        with self._edit(identifier) as state:
            yield state
        self._stop_if_blocked(identifier, f"{number} after")

    def _stop_if_blocked(self, identifier: str, point: str) -> None:
        block = self._place(identifier) / "block"
        deadline = time.monotonic() + BLOCK_SECONDS
        while block.exists() and block.read_text() == point:
            (self._place(identifier) / "reached").touch()
            if time.monotonic() > deadline:
                raise AssertionError(f"{identifier} stood at {point} for too long")
            time.sleep(0.1)

    @contextmanager
    def _edit(self, identifier: str) -> Iterator[dict[str, Any]]:
        """The instance's state under a lock; replaced as one file, so that a kill leaves the old or the new one."""
        place = self._place(identifier)
        place.mkdir(parents=True, exist_ok=True)
        with (place / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            file = place / "state.json"
            state = json.loads(file.read_text()) if file.exists() else _make_state()
            yield state
            new = place / f"new-{os.getpid()}"
            new.write_text(json.dumps(state))
            new.rename(file)


def _make_state() -> dict[str, Any]:
    empty: dict[str, Any] = {"running": {}, "jobs": {}, "failures": {}, "effects": [], "calls": []}
    empty["sets"] = []
    return {"exists": False, "initialised": False, **empty}


def _run_exactly(state: dict[str, Any], wanted: set[str]) -> None:
    for name in sorted(wanted - set(state["running"])):
        state["running"][name] = 0
        state["effects"].append(f"start {name}")
    for name in sorted(set(state["running"]) - wanted):
        del state["running"][name]
        state["effects"].append(f"stop {name}")


def _observe(identifier: str, state: dict[str, Any]) -> ObservedInstance:
    components = {}
    for name, looks in state["running"].items():
        phase = ComponentPhase.READY if looks else ComponentPhase.STARTING
        components[Component(name)] = ObservedComponent(phase=phase)
        state["running"][name] = looks + 1
    return ObservedInstance(
        identifier=identifier,
        exists=state["exists"],
        initialised=state["initialised"],
        components=components,
        url=f"http://{identifier}.test" if Component.HTTPD.value in state["running"] else None,
        limits="none",
        remains=("volumes",) if state["exists"] else (),
        backup_ids=() if state.get("hidden") else tuple(state["sets"]),
        manager=state.get("manager", ""),
    )
