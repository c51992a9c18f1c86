"""backup_import: a line and an exit code per place; what is refused says why and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backups.models import Backup
from domain.states import InstanceState
from engine.local.engine import LocalEngine
from engine.registry import register_engine
from tenants.models import Instance
from tests.backups.commands import run_command, run_json
from tests.backups.parishes import ENGINE
from tests.backups.sets import KEY, damage_set, make_set
from tests.local_engines import running_local_engine
from tests.programs.forgery import forge_set
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Home:
    """An instance whose volume is there, and a real set of it elsewhere."""

    sets: Path
    abroad: Path
    lost: Path


@pytest.fixture(scope="module")
def real() -> Iterator[LocalEngine]:
    """A real local engine; no server of it is needed."""
    with running_local_engine() as engine:
        register_engine(ENGINE, lambda: engine)
        yield engine


@pytest.fixture
def home(real: LocalEngine, tmp_path: Path) -> Home:
    """See Home. The key that signed the set is the instance's."""
    row = make_instance_row(state=InstanceState.ACTIVE, engine=ENGINE)
    Instance.objects.filter(pk=row.pk).update(secrets={"manifest_key": KEY.decode()})
    sets = real.find_sets_directory(row.identifier)
    assert sets is not None
    sets.mkdir(parents=True, exist_ok=True)
    lost = make_set(tmp_path)
    return Home(sets=sets, abroad=lost.parent, lost=lost)


@pytest.fixture(autouse=True)
def _nothing_left(home: Home) -> Iterator[None]:
    yield
    for path in sorted(home.sets.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def test_a_set_is_tried_imported_and_known_afterwards(home: Home) -> None:
    code, tried = run_json("backup_import", str(home.lost), "--dry-run")
    assert (code, tried["dry_run"], tried["sets"][0]["outcome"]) == (0, True, "importable")
    assert not Backup.objects.exists() and list(home.sets.iterdir()) == []
    code, done = run_json("backup_import", str(home.lost))
    one = {"set": home.lost.name, "backup": home.lost.name, "instance": "saint-paul", "trust": "signed", "warnings": []}
    assert (code, done["sets"]) == (0, [{**one, "outcome": "imported"}])
    assert Backup.objects.get().pin_reason and [path.name for path in home.sets.iterdir()] == [home.lost.name]
    code, again = run_json("backup_import", str(home.abroad))
    assert (code, [found["outcome"] for found in again["sets"]]) == (0, ["known"])


def test_one_that_is_refused_stops_no_other(home: Home) -> None:
    foreign = forge_set(
        home.lost, home.abroad / "20261120T080000Z-5f3a9c", key=b"o" * 32, backup_id="20261120T080000Z-5f3a9c"
    )
    code, said = run_command("backup_import", str(home.abroad))
    assert code == 1 and [row.backup_id for row in Backup.objects.all()] == [home.lost.name]
    assert foreign.name in said and "refusée" in said and "--accept-unsigned saint-paul" in said
    code, said = run_command("backup_import", str(home.abroad), "--accept-unsigned", "saint-paul")
    assert code == 0 and "sans signature connue" in said and Backup.objects.count() == 2


def test_a_damaged_set_and_no_set_are_exit_code_1(home: Home) -> None:
    name = damage_set(home.lost)
    code, said = run_json("backup_import", str(home.lost))
    error = said["sets"][0]["error"]
    assert (code, said["sets"][0]["outcome"], error["code"]) == (1, "refused", "artifact_damaged")
    assert name in error["message"] and not Backup.objects.exists()
    code, said = run_json("backup_import", str(home.abroad / "nowhere"))
    assert (code, said["error"]["code"]) == (1, "file_unreadable")
