"""What tests ask a process of the manager to do: `python -m tests.fleet_calls FUNCTION JSON`; answers in JSON."""

import json
import secrets
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.utils import timezone  # noqa: E402

from backups.models import Backup, BackupState  # noqa: E402
from domain.specs import ALL_COMPONENTS, Component, InstanceKind  # noqa: E402
from domain.states import ENDED_OPERATION_STATES, InstanceState  # noqa: E402
from engine.registry import get_engine  # noqa: E402
from finops.ledger.holdings import list_holdings  # noqa: E402
from finops.models import Interval, Resource  # noqa: E402
from offsite.keys import ensure_space  # noqa: E402
from offsite.models import BackupCopy, CopyState, Destination, DestinationKind  # noqa: E402
from operations.claims import claim  # noqa: E402
from operations.documents import OperationSerializer  # noqa: E402
from operations.doorbell import ring  # noqa: E402
from operations.models import Operation  # noqa: E402
from operations.registry import get_kind  # noqa: E402
from operations.requests import request_operation  # noqa: E402
from operations.subjects import find_subject  # noqa: E402
from tenants.models import Instance  # noqa: E402
from tests.engines import FakeEngine  # noqa: E402
from tests.rows import make_instance_row, make_plan_row, make_release_row  # noqa: E402


def ask(scenarios: list[dict[str, Any]]) -> dict[str, str]:
    """Make an instance for each scenario and ask for its operation; return slug -> operation.

    A scenario: slug, kind, state, parameters; block ([call, moment]) when the engine shall stop there; fail, the
    engine's call that shall fail once for good.
    """
    return {scenario["slug"]: _ask_one(**scenario) for scenario in scenarios}


def _ask_one(
    *,
    slug: str,
    kind: str,
    state: str,
    parameters: dict[str, Any],
    block: tuple[int, str] | None = None,
    fail: str | None = None,
) -> str:
    engine = get_engine("fake")
    assert isinstance(engine, FakeEngine)
    parameters = dict(parameters)
    if get_kind(kind).of_objects:
        return _ask_of_object(engine, slug, kind, parameters, block=block)
    # In its state only once the engine holds it: the clock's upkeep would find it lost, or fallen, in between.
    instance = make_instance_row(slug, state=InstanceState.NEW)
    source = _make_source(instance) if "source" in parameters else instance
    if "confirm" in parameters:
        parameters["confirm"] = slug
    for name in {"backup", "backup_id"} & parameters.keys():
        parameters[name] = _make_good_backup(source)
    if "older_than_days" in parameters:
        for days in (300, 200, 1):
            _make_good_backup(instance, days_ago=days)
    if "everything" in parameters:
        _make_copies(instance)
    _make_named(parameters)
    if source is not instance:
        parameters["source"] = source.identifier
        known = tuple(source.backups.values_list("backup_id", flat=True))
        engine.set_up(source.identifier, running=ALL_COMPONENTS, backup_ids=known)
        _enter(source, InstanceState.ACTIVE)
    if state != InstanceState.NEW:
        running = ALL_COMPONENTS if state == InstanceState.ACTIVE else frozenset[Component]()
        known = tuple(instance.backups.values_list("backup_id", flat=True))
        engine.set_up(slug, running=running, backup_ids=known)
        _enter(instance, InstanceState(state))
    if fail is not None:
        engine.fail(slug, fail, times=1, code="told_to_fail")
    if block is not None:
        engine.block(slug, call=block[0], moment=block[1])
    operation = request_operation(kind=kind, instance=instance, requested_by="test", parameters=parameters)
    return operation.public_id


def _make_copies(instance: Instance) -> None:
    """Make two copies of the instance at a place that is out of use, so that the clock makes no other ones there."""
    away = Path(tempfile.mkdtemp(prefix="cp-fleet-away-", dir=settings.STATE_FOLDER))
    destination = Destination.objects.create(
        name=instance.identifier, kind=DestinationKind.DIRECTORY, settings={"path": str(away)}, enabled=False
    )
    for _ in range(2):
        backup = Backup.objects.get(backup_id=_make_good_backup(instance))
        copy = BackupCopy.objects.create(backup=backup, destination=destination, state=CopyState.CHECKED)
        folder = away / ensure_space(instance.tenant).name / copy.name
        folder.mkdir(parents=True)
        (folder / "object").write_bytes(b"sealed")


def _enter(instance: Instance, state: InstanceState) -> None:
    instance.state = state.value
    instance.save(update_fields=["state"])


def _ask_of_object(
    engine: FakeEngine, name: str, kind: str, parameters: dict[str, Any], *, block: tuple[int, str] | None
) -> str:
    """Have the engine hold all of an instance under a name without a row, and ask for an operation on that."""
    engine.set_up(name, running=ALL_COMPONENTS, backup_ids=("20260101T010000Z-5f3a9c",))
    if block is not None:
        engine.block(name, call=block[0], moment=block[1])
    parameters["confirm"] = name
    subject = find_subject(get_kind(kind), name, parameters)
    return request_operation(kind=kind, instance=subject, requested_by="test", parameters=parameters).public_id


def _make_named(parameters: dict[str, Any]) -> None:
    """Make the plan (with a larger database) or the release (a later one) that an operation names."""
    if "plan" in parameters:
        make_plan_row(parameters["plan"], db_gibibytes=3)
    if "release" in parameters:
        make_release_row(parameters["release"], civicrm="5.62.0")


def _make_source(target: Instance) -> Instance:
    """Return a production instance of the target's parish; the target becomes a sandbox, with mail and cron on."""
    source = make_instance_row(f"{target.identifier}-from", state=InstanceState.NEW)
    target.tenant, target.kind = source.tenant, InstanceKind.SANDBOX.value
    target.save()
    return source


def make_instance(slug: str, state: str = "new", engine: str = "fake") -> str:
    """Make an instance that nothing was asked for yet; return its identifier."""
    return make_instance_row(slug, state=InstanceState(state), engine=engine).identifier


def ask_next(slug: str, kind: str, parameters: dict[str, Any]) -> str:
    """Ask for one more operation of an instance that exists; return its identifier."""
    instance = Instance.objects.get(identifier=slug)
    _make_named(parameters)
    operation = request_operation(kind=kind, instance=instance, requested_by="test", parameters=parameters)
    return operation.public_id


def _make_good_backup(instance: Instance, *, days_ago: int = 0) -> str:
    backup = Backup.objects.create(
        backup_id=f"20261101T000000Z-{secrets.token_hex(3)}",
        instance=instance,
        state=BackupState.GOOD,
        stored_bytes=1000,
    )
    began = timezone.now() - timedelta(days=days_ago)
    Backup.objects.filter(pk=backup.pk).update(started_at=began, verified_at=began)
    return backup.backup_id


def read() -> dict[str, Any]:
    """Return the last operation of every instance by its slug, with its lock, its events and the instance's state."""
    return {
        operation.subject: {
            **OperationSerializer(operation).data,
            "lock": operation.lock,
            "attempt": operation.attempt,
            "instance_state": operation.instance.state if operation.instance else None,
            "flags": [operation.instance.mail_enabled, operation.instance.cron_enabled] if operation.instance else None,
            "made_of": _describe_made(operation.instance),
            "events": [[event.step, event.message] for event in operation.events.all()],
            "backups": sorted(operation.backups.values_list("reason", "state")),
            "held": _list_held(operation.subject),
        }
        for operation in Operation.objects.select_related("instance").order_by("pk")
    }


def _describe_made(instance: Instance | None) -> list[Any]:
    return [instance.plan.name, instance.release.name, instance.grown_volumes] if instance else []


def _list_held(identifier: str) -> list[list[Any]]:
    """Return what the ledger says that an instance holds, and what it ever said twice for one moment."""
    rows = list(Interval.objects.filter(instance=identifier).order_by("resource", "component", "run", "start"))
    things = [[row.resource, row.component if row.resource != Resource.BACKUP else "", row.run] for row in rows]
    twice = [
        ["twice", *thing]
        for thing, row, after in zip(things, rows, rows[1:], strict=False)
        if (row.resource, row.component, row.run) == (after.resource, after.component, after.run)
        and (row.end is None or row.end > after.start)
    ]
    return twice + [
        [*thing, row.cpu_millicores, row.memory_bytes, row.storage_bytes]
        for thing, row in zip(things, rows, strict=True)
        if row.end is None
    ]


def wait_for_all(seconds: float) -> dict[str, Any]:
    """Return `read()` once every operation has ended, or when `seconds` have passed."""
    ended = [state.value for state in ENDED_OPERATION_STATES]
    deadline = time.monotonic() + seconds
    while Operation.objects.exclude(state__in=ended).exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    _assert_sums_are_right()
    return read()


def _assert_sums_are_right() -> None:
    """The database sums the ledger up as Python does, whichever database it is."""
    now = int(time.time())
    rows: list[dict[str, Any]] = []
    before: list[dict[str, Any]] | None = None
    while rows != before:
        # The clock goes on beside us: what was summed up is what we have seen only where nothing was written between.
        before = _list_intervals()
        uses = list_holdings(0, now)
        rows = _list_intervals()
    seconds = [max(0, (now if row["end"] is None else min(row["end"], now)) - row["start"]) for row in rows]
    for name in ("cpu_millicores", "memory_bytes", "storage_bytes"):
        expected = sum(row[name] * held for row, held in zip(rows, seconds, strict=True))
        assert sum(getattr(use, name) * use.seconds for use in uses) == expected, name


def _list_intervals() -> list[dict[str, Any]]:
    return [{**row} for row in Interval.objects.order_by("pk").values()]


def end_leases() -> int:
    """Let the leases that runs hold have passed; return how many they were."""
    return Operation.objects.exclude(lease_owner="").update(lease_until=timezone.now())


def claim_all(start_file: str) -> list[str]:
    """Try to claim every operation once `start_file` exists; return those that were ours."""
    public_ids = list(Operation.objects.order_by("pk").values_list("public_id", flat=True))
    Path(f"{start_file}.ready-{time.time_ns()}").touch()
    while not Path(start_file).exists():
        time.sleep(0.001)
    return [public_id for public_id in public_ids if claim(public_id, now=timezone.now()) is not None]


def ring_often(times: int) -> int:
    """Ring `times` times for every operation; return how many there are."""
    public_ids = list(Operation.objects.values_list("public_id", flat=True))
    for _ in range(times):
        for public_id in public_ids:
            ring(public_id)
    return len(public_ids)


if __name__ == "__main__":
    _program, function, arguments = sys.argv
    sys.stdout.write(json.dumps(globals()[function](**json.loads(arguments))) + "\n")
