"""Seal one set and send it to a place away: `python3 -m programs.copy`.

BACKUPS_DIR, BACKUP_ID, TENANT, INSTANCE, RECIPIENTS (age public keys), SET_NAME (where it lies there), DESTINATION_FILE
(how it is reached), WORK_DIR. A run that was killed is gone on with by the next, artifact by artifact. No name is sent
twice; the sealed list of contents comes last.
"""

import contextlib
import fcntl
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from programs.offsite.carrier import Carrier, PlaceAway
from programs.offsite.contents import MOST_BYTES, NAME, Contents, make_sealed
from programs.offsite.sealing import Part, Sealed, make_identity, measure, seal_parts
from programs.run.durable import write_atomically
from programs.run.environment import BACKUP_ID, make_environment_error, read_directory, read_label, read_text
from programs.run.failures import ProgramError, Summary, report_progress, run_program
from programs.sets.holding import hold_set
from programs.sets.manifest import NAME as MANIFEST

# Beside the sets: what a run that was killed had sent already. Gone once the copy is there.
STATES = ".copies"
RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")
SET_NAME = re.compile(r"[0-9a-f]{32}/[0-9a-f]{32}")
SECRET_MOST_BYTES = 65536
NAME_BYTES = 16


@dataclass
class Sending:
    """What was sent so far, and the key of this set."""

    identity: str = field(repr=False)
    recipient: str
    recipients: list[str]
    artifacts: dict[str, Sealed]


def read_secret_text(env: Mapping[str, str], name: str) -> str:
    """Content of the file that the variable names. It is a secret: no error repeats it."""
    path = Path(env.get(name) or "")
    if not path.is_absolute() or not path.is_file() or path.stat().st_size > SECRET_MOST_BYTES:
        raise make_environment_error(name, "the absolute path of a readable file")
    return path.read_text(encoding="utf-8")


@contextlib.contextmanager
def lock(path: Path) -> Iterator[IO[bytes]]:
    """Only one run sends a copy. Raise ProgramError `copy_busy`."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ProgramError("copy_busy", "another run sends this copy", retryable=True) from error
        yield file


def load(path: Path, recipients: Sequence[str]) -> Sending:
    """What an earlier run sent, sealed to the same keys; nothing of it otherwise."""
    with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        document = json.loads(path.read_bytes())
        if document["recipients"] == list(recipients):
            artifacts = {name: make_sealed(one) for name, one in document["artifacts"].items()}
            return Sending(document["identity"], document["recipient"], list(recipients), artifacts)
    identity, recipient = make_identity()
    return Sending(identity, recipient, list(recipients), {})


def save(path: Path, sending: Sending) -> None:
    """Keep what was sent, for the next run."""
    write_atomically(path, json.dumps(asdict(sending)).encode())
    path.chmod(0o600)


def send_artifact(carrier: Carrier, source: Path, sending: Sending, *, set_name: str, part: Path) -> Sealed:
    """Seal one file and send it, in parts of random names."""
    stored_bytes, stored_sha256 = measure(source)
    parts = []
    for size, sha256, md5 in seal_parts(source, part, [*sending.recipients, sending.recipient]):
        name = f"{set_name}/{secrets.token_hex(NAME_BYTES)}"
        carrier.put(part, name)
        parts.append(Part(name, size, sha256, md5))
    if measure(source) != (stored_bytes, stored_sha256):
        raise ProgramError("artifact_damaged", f"{source.name} changed while it was sent", retryable=True)
    return Sealed(source.name, stored_bytes, stored_sha256, tuple(parts))


def send_contents(carrier: Carrier, contents: Contents, sending: Sending, *, set_name: str, work: Path) -> Part:
    """Seal the list of contents to the two keys alone, and send it: from here on there is a copy."""
    plain, part = work / NAME, work / "part"
    plain.touch(mode=0o600)
    plain.write_bytes(contents.format())
    name = f"{set_name}/{NAME}-{secrets.token_hex(NAME_BYTES)}"
    try:
        # The file holds a part until the next one is asked for, and the list is one.
        size, sha256, md5 = next(seal_parts(plain, part, sending.recipients, most_bytes=MOST_BYTES))
        carrier.put(part, name)
    finally:
        plain.unlink()
    return Part(name, size, sha256, md5)


def send_set(carrier: Carrier, set_dir: Path, state: Path, env: Mapping[str, str]) -> Summary:
    """Send what an earlier run has not; return the figures of the copy."""
    recipients = (env.get("RECIPIENTS") or "").split()
    if len(recipients) < 2 or not all(RECIPIENT.fullmatch(one) for one in recipients):
        raise make_environment_error("RECIPIENTS", "two age public keys or more, between spaces")
    set_name = read_text(env, "SET_NAME", pattern=SET_NAME, accepted="two names of 32 hexadecimal digits")
    work = read_directory(env, "WORK_DIR")
    sending = load(state, recipients)
    save(state, sending)
    files = sorted(path for path in set_dir.iterdir() if path.is_file() and not path.is_symlink())
    for number, path in enumerate(files):
        report_progress(90 * number // len(files), f"sending {path.name}")
        if path.name not in sending.artifacts:
            sending.artifacts[path.name] = send_artifact(carrier, path, sending, set_name=set_name, part=work / "part")
            save(state, sending)
    sent = tuple(sending.artifacts[path.name] for path in files)
    contents = Contents(
        backup_id=set_dir.name,
        tenant=read_label(env, "TENANT"),
        instance=read_label(env, "INSTANCE"),
        manifest_sha256=sending.artifacts[MANIFEST].stored_sha256,
        identity=sending.identity,
        artifacts=sent,
    )
    last = send_contents(carrier, contents, sending, set_name=set_name, work=work)
    (work / "part").unlink(missing_ok=True)
    sealed = last.bytes + sum(part.bytes for part in contents.list_parts())
    figures: Summary = {"objects": len(contents.list_parts()) + 1, "sealed_bytes": sealed}
    return {"backup_id": set_dir.name, "contents": asdict(last), **figures}


def main(env: Mapping[str, str]) -> Summary:
    """Send the set of the environment."""
    accepted = "a date and six hexadecimal digits, as 20261121T080000Z-5f3a9c"
    backup_id = read_text(env, "BACKUP_ID", pattern=BACKUP_ID, accepted=accepted)
    backups_dir = read_directory(env, "BACKUPS_DIR", default="/backups")
    set_dir = backups_dir / backup_id
    if not (set_dir / MANIFEST).is_file():
        raise ProgramError("manifest_missing", f"{backup_id} is not on this volume", hint="choose another backup")
    set_name = read_text(env, "SET_NAME", pattern=SET_NAME, accepted="two names of 32 hexadecimal digits")
    place = PlaceAway.parse(read_secret_text(env, "DESTINATION_FILE"))
    carrier = Carrier(place, work_dir=read_directory(env, "WORK_DIR"), program=env.get("RCLONE") or "rclone")
    states = backups_dir / STATES
    states.mkdir(mode=0o700, exist_ok=True)
    state = states / f"{set_name.rpartition('/')[2]}.json"
    with lock(state.with_suffix(".lock")), hold_set(set_dir):
        summary = send_set(carrier, set_dir, state, env)
        for path in (state, state.with_suffix(".lock")):
            path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        os.rmdir(states)
    report_progress(100, "sent")
    return summary


if __name__ == "__main__":
    sys.exit(run_program(main))
