"""programs.sets.set_transfer: what both sides must compute alike."""

from pathlib import Path

from programs.sets.set_transfer import FILE_NAME, compute_token, get_place, make_path

BACKUP_ID = "20261121T080000Z-5f3a9c"


def test_the_token_is_of_one_key_and_one_set() -> None:
    token = compute_token(b"key", BACKUP_ID)
    assert token == compute_token(b"key", BACKUP_ID) and len(token) == 64
    assert token != compute_token(b"other", BACKUP_ID) != compute_token(b"key", "20261121T080000Z-5f3a9d")


def test_a_foreign_set_is_never_among_the_own_ones() -> None:
    assert get_place(Path("/backups"), BACKUP_ID) == Path(f"/backups/.from-others/{BACKUP_ID}")
    assert make_path(BACKUP_ID) == f"/sets/{BACKUP_ID}"


def test_only_plain_names_are_files_of_a_set() -> None:
    assert FILE_NAME.fullmatch("civicrm.sql.gz") and FILE_NAME.fullmatch("manifest.json")
    assert not any(FILE_NAME.fullmatch(name) for name in ("../x", "a/b", ".hidden", "", "/etc/passwd", "a\n"))
