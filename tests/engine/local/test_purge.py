"""All goes, whatever its modes; what links point to stays; backups stay when asked."""

import os
from pathlib import Path

from engine.local.accounts import get_account
from engine.local.layout import Layout, ensure_directories, make_layout
from engine.local.observation import list_remains
from engine.local.ports import ensure_ports, read_claims
from engine.local.purge import purge, remove_tree
from tests.local_engines import choose_ports


def make_instance(root: Path) -> Layout:
    layout = make_layout(root, "saint-paul")
    ensure_directories(layout, get_account("www-data"))
    ensure_ports(root, "saint-paul", ("db", "httpd"), choose_ports())
    (layout.path("backups") / "20261121T080000Z-5f3a9c").mkdir()
    (layout.path("files") / "default").mkdir()
    (layout.path("files") / "default" / "settings.php").write_text("<?php")
    return layout


def test_backups_are_kept_when_asked_and_go_when_not(tmp_path: Path) -> None:
    layout = make_instance(tmp_path)
    assert list_remains(layout, read_claims(tmp_path, "saint-paul"))
    for _ in range(2):
        purge(layout, keep_backups=True)
        assert os.listdir(layout.directory) == ["backups"]
        assert list_remains(layout, read_claims(tmp_path, "saint-paul")) == ()
    for _ in range(2):
        purge(layout, keep_backups=False)
        assert not layout.directory.exists()
    assert os.listdir(tmp_path / "ports") == []


def test_what_links_point_to_stays(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "link").symlink_to(outside)
    (tmp_path / "link").symlink_to(outside)
    remove_tree(tree)
    remove_tree(tmp_path / "link")
    assert not tree.exists() and not (tmp_path / "link").is_symlink()
    assert (outside / "kept").read_text() == "kept"


def test_directories_without_rights_go_too(tmp_path: Path) -> None:
    closed = tmp_path / "tree" / "closed"
    closed.mkdir(parents=True)
    (closed / "file").write_text("x")
    closed.chmod(0o000)
    remove_tree(tmp_path / "tree")
    assert os.listdir(tmp_path) == []
