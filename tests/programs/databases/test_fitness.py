"""programs.databases.fitness: what a server lacks is known before anything is dropped."""

import dataclasses

import pytest

from programs.databases.fitness import check_fitness, check_history
from programs.run.failures import ProgramError
from programs.sets.manifest import Database, Table
from tests.programs.state import make_client
from tests.programs.workspace import Workspace

GOOD = Database("utf8mb4", "utf8mb4_general_ci", {"t": Table("InnoDB", 0)}, {}, {}, {}, {}, {}, [])


def test_what_a_server_has_passes(empty_workspace: Workspace) -> None:
    client = make_client(empty_workspace)
    check_fitness(client, {"civicrm": GOOD})
    check_fitness(client, {"civicrm": dataclasses.replace(GOOD, character_set="binary", collation="binary")})
    check_fitness(client, {"civicrm": dataclasses.replace(GOOD, character_set="utf8mb3", collation="utf8mb3_bin")})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"character_set": "klingon"}, "letters_unknown"),
        ({"collation": "utf8mb4_klingon_ci"}, "letters_unknown"),
        ({"collation": "latin1_bin"}, "letters_unknown"),
        ({"collation": "latin1_bin; DROP DATABASE civilog"}, "manifest_invalid"),
        ({"character_set": ""}, "manifest_invalid"),
        ({"tables": {"t": Table("Klingon", 0)}}, "engine_missing"),
        ({"tables": {"t": Table("InnoDB'", 0)}}, "engine_missing"),
    ],
)
def test_what_a_server_lacks_is_named(empty_workspace: Workspace, changes: dict[str, object], code: str) -> None:
    with pytest.raises(ProgramError) as caught:
        check_fitness(make_client(empty_workspace), {"civicrm": dataclasses.replace(GOOD, **changes)})  # type: ignore[arg-type]
    assert caught.value.code == code and "civicrm" in caught.value.message


def test_rows_of_now_that_would_be_of_the_past_are_known_first() -> None:
    lines = [b"  `i` int\n", b") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 WITH SYSTEM VERSIONING;\n"]
    plain = [b"  `i` int\n", b") ENGINE=InnoDB COMMENT='it''s WITH SYSTEM VERSIONING';\n"]
    definitions = {"civicrm": {"plain": plain, "history": lines}}
    with pytest.raises(ProgramError) as caught:
        check_history((10, 11), (11, 8), definitions)
    assert caught.value.code == "history_moved" and caught.value.params["object"] == "history"
    check_history((10, 11), (11, 8), {"civicrm": {"plain": plain}})
    for origin, present in (((10, 11), (11, 4)), ((11, 8), (11, 8)), ((11, 5), (12, 0))):
        check_history(origin, present, definitions)
