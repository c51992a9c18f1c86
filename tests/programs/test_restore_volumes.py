"""programs.restore on a volume that is full: the tree is the old one or the new one, whatever lacks."""

import os
import shutil
from pathlib import Path

from tests.programs.state import describe_site
from tests.programs.trees import describe_tree
from tests.programs.volumes import run_on_volume
from tests.programs.workspace import Workspace


def test_a_volume_without_room_keeps_the_old_tree_whole(files_workspace: Workspace, tmp_path: Path) -> None:
    workspace = files_workspace
    made = workspace.make_backup()
    new = describe_site(workspace.files)
    shutil.rmtree(workspace.files)
    (workspace.files / "live").mkdir(parents=True)
    (workspace.files / "live/page").write_text("live\n")
    old = describe_site(workspace.files)
    least = 2 + len(old) + len(new) - 1  # two roots; the hard link takes no inode
    env = {"SET_DIR": str(made), "SCOPE": "files", "EXPECTED_TENANT": "saint-paul"}
    codes = []
    for more in range(8):
        copy = tmp_path / str(more)
        options = f"size=50%,nr_inodes={least + more}"
        outcome = run_on_volume(workspace, "restore", workspace.files, options=options, copy=copy, **env)
        assert outcome.result is not None, outcome.stderr
        codes.append("ok" if outcome.result["ok"] else outcome.error)
        assert describe_site(copy) == (new if codes[-1] == "ok" else old), more
        assert not [name for name in os.listdir(copy) if name.startswith((".restore-", ".trash-"))]
        assert codes[-1] == "ok" or outcome.result["error"]["params"]["touched"] is False
    assert set(codes) == {"no_space", "ok"} and codes == sorted(codes), codes
    assert describe_tree(workspace.files) == old
