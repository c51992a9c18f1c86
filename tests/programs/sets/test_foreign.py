"""programs.sets.foreign: what is nobody's is known by its name."""

import pytest

from programs.sets.foreign import is_foreign

NAMES = ("@eaDir", "#recycle", ".snapshot", "Thumbs.db", "._manifest.json", ".DS_Store", "System Volume Information")


@pytest.mark.parametrize("name", NAMES)
def test_what_file_servers_add_is_nobodys(name: str) -> None:
    assert is_foreign(name)


@pytest.mark.parametrize("name", ["manifest.json", "evil.sql.gz", ".hidden", "Thumbs.db.sql", "@eaDir2", ".lock"])
def test_everything_else_is_somebodys(name: str) -> None:
    assert not is_foreign(name)
