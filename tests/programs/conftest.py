"""Fixtures of the programs' tests."""

from collections.abc import Iterator

import pytest

from tests.conftest import ParishDatabases
from tests.programs.parish import make_files, make_parish
from tests.programs.workspace import Workspace


@pytest.fixture
def files_workspace() -> Iterator[Workspace]:
    """Two small trees, no database."""
    workspace = Workspace(None)
    make_files(workspace.files)
    (workspace.private / "document.txt").write_text("private\n")
    yield workspace
    workspace.remove()


@pytest.fixture
def empty_workspace(parish_databases: ParishDatabases) -> Iterator[Workspace]:
    """Three empty databases and two empty trees."""
    workspace = Workspace(parish_databases)
    yield workspace
    workspace.remove()


@pytest.fixture
def workspace(empty_workspace: Workspace) -> Workspace:
    """A parish full of what is hard to back up."""
    assert empty_workspace.databases is not None
    make_parish(empty_workspace.databases.server)
    make_files(empty_workspace.files)
    (empty_workspace.private / "document.txt").write_text("private\n")
    return empty_workspace
