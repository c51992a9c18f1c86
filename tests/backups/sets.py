"""A real set on disk, made by the real program; of files only, so that no server is needed."""

from pathlib import Path

from programs.backup import main

KEY = b"a key of the manifest for tests"


def make_set(place: Path, *, tenant: str = "saint-paul", backup_id: str = "20261121T080000Z-5f3a9c") -> Path:
    """Return the directory of a good set; the key that signed it is in `place`/key."""
    for name in ("files", "private", "backups", "work"):
        (place / name).mkdir(exist_ok=True)
    (place / "files" / "été.txt").write_text("x" * 5000)
    (place / "private" / "blob").write_bytes(bytes(range(256)) * 40)
    (place / "key").write_bytes(KEY)
    main(
        {
            "TENANT": tenant,
            "INSTANCE": tenant,
            "BACKUP_ID": backup_id,
            "BACKUPS_DIR": str(place / "backups"),
            "WORK_DIR": str(place / "work"),
            "FILES_DIR": str(place / "files"),
            "PRIVATE_DIR": str(place / "private"),
            "SCOPE": "files",
            "MANIFEST_KEY_FILE": str(place / "key"),
        }
    )
    return place / "backups" / backup_id


def damage_set(set_dir: Path) -> str:
    """Flip one bit in the middle of an archive; return its name."""
    path = set_dir / "sites.tar.gz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return path.name
