"""Fetch one set of another instance of the same parish: `python3 -m programs.receive`, so that it can be restored here.

BACKUPS_DIR, BACKUP_ID, MANIFEST_KEY_FILE (the source's), TLS_AUTHORITY, SOURCE_ADDRESS, SOURCE_NAME. The set is kept
beside this instance's own ones (sets/set_transfer.py); a former one makes room for it. Its reader verifies it.
"""

import http.client
import os
import shutil
import ssl
import sys
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from programs.run.durable import sync_directory
from programs.run.environment import (
    BACKUP_ID,
    HOST,
    KEY_MIN_BYTES,
    make_environment_error,
    read_directory,
    read_label,
    read_secret,
    read_text,
)
from programs.run.failures import ProgramError, Summary, report_progress, run_program
from programs.send import read_file
from programs.sets.set_transfer import (
    CHUNK_BYTES,
    FILE_NAME,
    FOREIGN,
    PARTIAL,
    PORT,
    compute_token,
    get_place,
    make_path,
)

CONNECT_SECONDS = 90.0
ANSWER_SECONDS = 120.0
POLL_SECONDS = 1.0


class NamedConnection(http.client.HTTPSConnection):
    """A connection to an address whose certificate is for a name of its own."""

    def __init__(self, address: str, port: int, *, name: str, context: ssl.SSLContext) -> None:
        super().__init__(address, port, timeout=ANSWER_SECONDS, context=context)
        self._name, self._tls = name, context

    def connect(self) -> None:
        """Connect, and verify that name."""
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._name)


def open_stream(connection: NamedConnection, *, path: str, token: str, seconds: float) -> http.client.HTTPResponse:
    """Return the answer with the set. A sender that does not listen yet is asked again. Raise ProgramError."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            if isinstance(error, ssl.SSLCertVerificationError) or time.monotonic() > deadline:
                message = f"the sender cannot be reached: {type(error).__name__}"
                raise ProgramError("sender_unreachable", message, retryable=True) from error
            time.sleep(POLL_SECONDS)
            continue
        if answer.status != 200:
            answer.close()
            connection.close()
            raise ProgramError("sender_refused", f"the sender answered {answer.status}", hint="look at its log")
        return answer


def write_set(stream: Any, place: Path) -> int:
    """Write the files of the stream into the new directory `place`; return their bytes. Raise ProgramError for a member
    that is no plain file of a set, and for a stream that was cut."""
    total = 0
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                source = archive.extractfile(member) if member.isreg() and FILE_NAME.fullmatch(member.name) else None
                if source is None:
                    raise ProgramError("hostile_archive", f"not a file of a set: {member.name!r}")
                with (place / member.name).open("xb") as file:
                    shutil.copyfileobj(source, file, CHUNK_BYTES)
                    file.flush()
                    os.fsync(file.fileno())
                total += member.size
                report_progress(50, f"received {member.name}")
    except (tarfile.TarError, http.client.HTTPException, ssl.SSLError, ConnectionError, TimeoutError) as error:
        raise ProgramError(
            "stream_cut", f"the set did not come whole: {type(error).__name__}", retryable=True
        ) from error
    if not (place / "manifest.json").is_file():
        raise ProgramError("manifest_missing", "the set came without its manifest", hint="choose another backup")
    return total


def receive(stream: Any, backups_dir: Path, backup_id: str) -> int:
    """Put the set of the stream in the place of any former one; return its bytes."""
    foreign, place = backups_dir / FOREIGN, get_place(backups_dir, backup_id)
    if foreign.exists():
        shutil.rmtree(foreign)
    partial = foreign / f"{PARTIAL}{backup_id}"
    partial.mkdir(parents=True)
    total = write_set(stream, partial)
    sync_directory(partial)
    partial.rename(place)
    sync_directory(foreign)
    return total


def main(env: Mapping[str, str]) -> Summary:
    """Fetch the set of the environment."""
    accepted = "a date and six hexadecimal digits, as 20261121T080000Z-5f3a9c"
    backup_id = read_text(env, "BACKUP_ID", pattern=BACKUP_ID, accepted=accepted)
    backups_dir = read_directory(env, "BACKUPS_DIR", default="/backups")
    key = read_secret(env, "MANIFEST_KEY_FILE", least_bytes=KEY_MIN_BYTES)
    address = read_text(env, "SOURCE_ADDRESS", pattern=HOST, accepted="an address")
    name = read_text(env, "SOURCE_NAME", pattern=HOST, accepted="the name in the sender's certificate")
    port = env.get("PASSING_PORT") or str(PORT)
    if not port.isdecimal():
        raise make_environment_error("PASSING_PORT", "a number")
    context = ssl.create_default_context(cafile=str(read_file(env, "TLS_AUTHORITY")))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    connection = NamedConnection(address, int(port), name=name, context=context)
    path, token = make_path(backup_id), compute_token(key, backup_id)
    try:
        total = receive(
            open_stream(connection, path=path, token=token, seconds=CONNECT_SECONDS), backups_dir, backup_id
        )
    finally:
        connection.close()
    report_progress(100, "received")
    return {"backup_id": backup_id, "bytes": total, "source": read_label(env, "SOURCE")}


if __name__ == "__main__":
    sys.exit(run_program(main))
