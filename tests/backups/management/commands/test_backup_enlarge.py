"""backup_enlarge."""

import pytest

from tests.backups.commands import run_json
from tests.backups.conftest import MakeInstance
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_proposes_a_size_and_gives_it(engine: FakeEngine, make_instance: MakeInstance) -> None:
    paul = make_instance()
    engine.set_up("saint-paul")
    code, document = run_json("backup_enlarge", "saint-paul", "--dry-run")
    assert (code, document["parameters"]) == (0, {"gibibytes": 3}) and not paul.grown_volumes
    code, document = run_json("backup_enlarge", "saint-paul", "--gibibytes", "5", "--wait")
    paul.refresh_from_db()
    assert (code, document["state"]) == (0, "succeeded")
    assert paul.grown_volumes == {"backups_volume_bytes": 5 * 1024**3}
