"""programs.backup on a volume that is full or read-only: a named failure, never a set, nothing left over."""

from pathlib import Path

from programs.sets.manifest import NAME, parse_manifest
from tests.programs.volumes import run_on_volume
from tests.programs.workspace import Workspace, make_backup_id

PAGE_BYTES = 4096


def test_a_volume_that_fills_at_any_artifact_gives_no_set(workspace: Workspace, tmp_path: Path) -> None:
    made = workspace.make_backup()
    artifacts = parse_manifest((made / NAME).read_bytes()).artifacts
    made.rename(tmp_path / made.name)  # what is left is the lock
    inodes = 3 + len(artifacts)  # the root, the lock, the partial set: room for each artifact, none for the manifest
    pages = [-(-artifact.stored_bytes // PAGE_BYTES) for artifact in artifacts]
    sizes = [sum(pages[:number]) * PAGE_BYTES for number in (1, len(pages) - 1)]
    for options in (f"nr_inodes={inodes}", f"nr_inodes={inodes - 2}", *(f"size={size}" for size in sizes)):
        copy = tmp_path / options
        backup_id = make_backup_id()
        outcome = run_on_volume(workspace, "backup", workspace.backups, options=options, copy=copy, BACKUP_ID=backup_id)
        assert outcome.error == "no_space", (options, outcome.result)
        assert [path.name for path in copy.iterdir()] == [".lock"], options


def test_a_read_only_volume_is_named(files_workspace: Workspace, tmp_path: Path) -> None:
    files_workspace.make_backup()
    copy = tmp_path / "copy"
    outcome = run_on_volume(
        files_workspace,
        "backup",
        files_workspace.backups,
        options="size=50%",
        copy=copy,
        writable=False,
        BACKUP_ID=make_backup_id(),
    )
    assert outcome.error == "io_failed"
    assert outcome.result is not None and outcome.result["error"]["params"]["errno"] == "EROFS"
    assert len(list(copy.iterdir())) == 2
