"""programs.sets.chosen: a set that holds less than what is asked for is refused by name."""

from pathlib import Path

import pytest

from programs.run.environment import read_restore_environment
from programs.run.failures import ProgramError
from programs.sets.chosen import check_scope, select_artifacts
from programs.sets.manifest import NAME, Manifest, parse_manifest
from tests.programs.workspace import Workspace

SAMPLE = Path(__file__).resolve().parents[1] / "samples/mysql-8.0"


@pytest.fixture
def manifest() -> Manifest:
    path = next(SAMPLE.rglob(NAME))
    return parse_manifest(path.read_bytes())


def test_artifacts_come_in_the_order_of_the_names(manifest: Manifest) -> None:
    names = ("civilog", "civicrm")
    assert [item.database for item in select_artifacts(manifest, kind="database", names=names)] == list(names)


def test_what_the_set_does_not_hold_is_named(manifest: Manifest, empty_workspace: Workspace) -> None:
    env = empty_workspace.make_env(SET_DIR="/tmp", EXPECTED_TENANT="saint-paul", DATABASES="civicrm drupal other")
    with pytest.raises(ProgramError) as caught:
        check_scope(read_restore_environment(env), manifest)
    assert caught.value.code == "scope_missing" and "other" in caught.value.message
