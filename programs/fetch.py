"""Bring one set back from a place away: `python3 -m programs.fetch`.

BACKUPS_DIR, BACKUP_ID, DESTINATION_FILE (how the place is reached), IDENTITY_FILE (the key of this set alone),
CONTENTS_FILE (its artifacts and their parts), WORK_DIR. Room is asked for first; the set gets its name once every
artifact is what was sealed. A run that was killed is gone on with by the next.

KEEP_NOTHING=1: only open it: every object is downloaded, unsealed and compared, and nothing is written.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from programs.copy import read_secret_text
from programs.offsite.carrier import Carrier, PlaceAway
from programs.offsite.contents import make_sealed
from programs.offsite.sealing import Sealed, check_sealed, measure, open_sealed
from programs.run.durable import sync_directory
from programs.run.environment import BACKUP_ID, make_environment_error, read_directory, read_text
from programs.run.failures import ProgramError, Summary, report_progress, run_program
from programs.sets.manifest import NAME as MANIFEST

FETCHING = ".fetching-"


def read_contents(env: Mapping[str, str]) -> list[Sealed]:
    """The artifacts to bring, the manifest last."""
    try:
        sealed = [make_sealed(one) for one in json.loads(read_secret_text(env, "CONTENTS_FILE"))]
    except (KeyError, TypeError, ValueError):
        raise make_environment_error("CONTENTS_FILE", "the path of a list of artifacts") from None
    names = [one.artifact for one in sealed]
    if MANIFEST not in names or len(set(names)) != len(names) or any("/" in name or name[:1] == "." for name in names):
        raise make_environment_error("CONTENTS_FILE", "artifacts of distinct names, the manifest among them")
    return sorted(sealed, key=lambda one: one.artifact == MANIFEST)


def check_room(directory: Path, needed: int) -> None:
    """Raise ProgramError `no_space` unless the volume has room for what comes."""
    info = os.statvfs(directory)
    free = info.f_bavail * info.f_frsize
    if free < needed:
        message = f"{free} bytes are free for the set, and {needed} are needed"
        params = {"free": free, "needed": needed}
        raise ProgramError("no_space", message, hint="enlarge the backup volume, then run again", params=params)


def fetch_set(carrier: Carrier, artifacts: list[Sealed], place: Path, *, identity_file: Path) -> None:
    """Bring every artifact into `place` that is not there whole."""
    for number, sealed in enumerate(artifacts):
        report_progress(95 * number // len(artifacts), f"fetching {sealed.artifact}")
        target = place / sealed.artifact
        if target.is_file() and measure(target) == (sealed.stored_bytes, sealed.stored_sha256):
            continue
        open_sealed(carrier, sealed, identity_file=identity_file, target=target)
        with target.open("rb") as file:
            os.fsync(file.fileno())


def check_set(carrier: Carrier, artifacts: list[Sealed], *, identity_file: Path) -> None:
    """Open every artifact and keep none."""
    for number, sealed in enumerate(artifacts):
        report_progress(100 * number // len(artifacts), f"opening {sealed.artifact}")
        check_sealed(carrier, sealed, identity_file=identity_file)


def make_carrier(env: Mapping[str, str]) -> Carrier:
    """What carries from the place of the environment."""
    description = PlaceAway.parse(read_secret_text(env, "DESTINATION_FILE"))
    return Carrier(description, work_dir=read_directory(env, "WORK_DIR"), program=env.get("RCLONE") or "rclone")


def read_identity_file(env: Mapping[str, str]) -> Path:
    """The file of the set's key."""
    read_secret_text(env, "IDENTITY_FILE")
    return Path(env["IDENTITY_FILE"])


def main(env: Mapping[str, str]) -> Summary:
    """Bring the set of the environment."""
    accepted = "a date and six hexadecimal digits, as 20261121T080000Z-5f3a9c"
    backup_id = read_text(env, "BACKUP_ID", pattern=BACKUP_ID, accepted=accepted)
    backups_dir = read_directory(env, "BACKUPS_DIR", default="/backups")
    artifacts = read_contents(env)
    total = sum(one.stored_bytes for one in artifacts)
    if env.get("KEEP_NOTHING") == "1":
        check_set(make_carrier(env), artifacts, identity_file=read_identity_file(env))
        # Not as `backup_id`: no set came to this volume.
        return {"opened": backup_id, "bytes": total}
    if (backups_dir / backup_id / MANIFEST).is_file():
        return {"backup_id": backup_id, "bytes": total, "fetched": False}
    place = backups_dir / f"{FETCHING}{backup_id}"
    place.mkdir(mode=0o700, exist_ok=True)
    present = sum(path.stat().st_size for path in place.iterdir())
    check_room(backups_dir, max(0, total - present))
    fetch_set(make_carrier(env), artifacts, place, identity_file=read_identity_file(env))
    sync_directory(place)
    place.rename(backups_dir / backup_id)
    sync_directory(backups_dir)
    report_progress(100, "fetched")
    return {"backup_id": backup_id, "bytes": total, "fetched": True}


if __name__ == "__main__":
    sys.exit(run_program(main))
