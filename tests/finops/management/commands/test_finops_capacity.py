"""How many more parishes fit, on the command line."""

import pytest

from tests.backups.commands import run_command, run_json
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db


def test_every_engine_says_how_many_more_it_takes(engine: FakeEngine) -> None:
    code, document = run_json("finops_capacity", "--engine", engine.name)
    assert code == 0
    (place,) = document["engines"]
    # Eight cores: 1350 m a parish, and what their crons and backups take now and then.
    assert (place["engine"], place["more_instances"], place["bound_by"]) == ("fake", 5, "cpu")
    code, text = run_command("finops_capacity", "--engine", engine.name)
    assert code == 0 and "fake" in text and "5" in text


def test_an_unknown_engine_is_told() -> None:
    assert run_json("finops_capacity", "--engine", "nowhere")[1]["error"]["code"] == "not_found"
