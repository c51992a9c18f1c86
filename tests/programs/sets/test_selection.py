"""programs.sets.selection: what a restore needs is in the set, or it is said before anything is touched."""

from pathlib import Path

import pytest

from programs.run.environment import read_restore_environment
from programs.run.failures import ProgramError
from programs.sets.manifest import parse_manifest, read_manifest_bytes
from programs.sets.selection import check_scope, select_artifacts
from tests.programs.data_sets import declare, make_env
from tests.programs.workspace import Workspace

SAMPLE = Path(__file__).parents[1] / "samples" / "mariadb-format-1"


def test_artifacts_come_in_the_order_that_is_asked_for() -> None:
    manifest = parse_manifest(read_manifest_bytes(SAMPLE))
    chosen = select_artifacts(manifest, kind="database", names=("civilog", "civicrm"))
    assert [artifact.name for artifact in chosen] == ["civilog.sql.gz", "civicrm.sql.gz"]


@pytest.mark.parametrize(("data_class", "is_needed"), [("required", True), ("recommended", False), ("optional", False)])
def test_only_what_is_required_must_be_in_the_set(files_workspace: Workspace, data_class: str, is_needed: bool) -> None:
    manifest = parse_manifest(read_manifest_bytes(SAMPLE))
    more = files_workspace.home / "more"
    more.mkdir()
    sets = declare({"sites": files_workspace.files, "private": files_workspace.private, "later": more})
    sets["trees"]["later"]["data_class"] = data_class
    env = files_workspace.make_env(SET_DIR=str(SAMPLE), EXPECTED_TENANT="saint-paul", **make_env(sets))
    asked = read_restore_environment(env)
    if not is_needed:
        check_scope(asked, manifest)
        return
    with pytest.raises(ProgramError) as refused:
        check_scope(asked, manifest)
    assert refused.value.code == "scope_missing" and "later" in refused.value.message
