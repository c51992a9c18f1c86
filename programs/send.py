"""Hand one set of this instance to another of the same parish: `python3 -m programs.send`. Ends once it was fetched.

BACKUPS_DIR, BACKUP_ID, MANIFEST_KEY_FILE, TLS_CERTIFICATE, TLS_KEY, WAIT_SECONDS (sets/set_transfer.py). Reads only.
"""

import hmac
import ssl
import sys
import tarfile
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from programs.run.environment import (
    BACKUP_ID,
    KEY_MIN_BYTES,
    Environment,
    make_environment_error,
    read_directory,
    read_secret,
    read_text,
)
from programs.run.failures import ProgramError, Summary, report_progress, run_program
from programs.sets.foreign import is_foreign
from programs.sets.holding import hold_set
from programs.sets.set_transfer import PORT, compute_token, make_path

ANSWER_SECONDS = 60.0


class SetServer(HTTPServer):
    """Serves one set to whoever has its token. `sent`: bytes, once a whole set was handed over."""

    timeout = 1.0

    def __init__(self, address: tuple[str, int], set_dir: Path, *, path: str, token: str) -> None:
        super().__init__(address, SetHandler)
        self.set_dir, self.path, self.token = set_dir, path, token
        self.sent: int | None = None


class SetHandler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: SetServer
    timeout = ANSWER_SECONDS

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """Stream the set."""
        given = self.headers.get("Authorization") or ""
        if self.path != self.server.path or not hmac.compare_digest(given, f"Bearer {self.server.token}"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-tar")
        self.send_header("Connection", "close")
        self.end_headers()
        total = 0
        with tarfile.open(fileobj=self.wfile, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            for path in sorted(self.server.set_dir.iterdir()):
                if path.is_file() and not path.is_symlink() and not is_foreign(path.name):
                    archive.add(path, arcname=path.name, recursive=False)
                    total += path.stat().st_size
        self.server.sent = total

    def log_message(self, _format: str, *_arguments: object) -> None:
        """Nothing: a request's line holds no more than what is known already."""


def serve(server: SetServer, context: ssl.SSLContext, *, seconds: float) -> int:
    """Serve until the set was handed over whole; return its bytes. Raise ProgramError when nobody came in time."""
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    deadline = time.monotonic() + seconds
    report_progress(10, "waiting for the receiver")
    while server.sent is None:
        server.handle_request()
        if time.monotonic() > deadline:
            raise ProgramError("nobody_came", f"nobody fetched the set within {seconds:g} seconds", retryable=True)
    return server.sent


def read_file(env: Environment, name: str) -> Path:
    """The variable, the absolute path of a file."""
    path = Path(env.get(name) or "")
    if not path.is_absolute() or not path.is_file():
        raise make_environment_error(name, "the absolute path of an existing file")
    return path


def main(env: Mapping[str, str]) -> Summary:
    """Hand over the set of the environment."""
    accepted = "a date and six hexadecimal digits, as 20261121T080000Z-5f3a9c"
    backup_id = read_text(env, "BACKUP_ID", pattern=BACKUP_ID, accepted=accepted)
    set_dir = read_directory(env, "BACKUPS_DIR", default="/backups") / backup_id
    if not (set_dir / "manifest.json").is_file():
        raise ProgramError("manifest_missing", f"{backup_id} is not on this volume", hint="choose another backup")
    key = read_secret(env, "MANIFEST_KEY_FILE", least_bytes=KEY_MIN_BYTES)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(read_file(env, "TLS_CERTIFICATE"), read_file(env, "TLS_KEY"))
    seconds = env.get("WAIT_SECONDS") or "600"
    if not seconds.isdecimal():
        raise make_environment_error("WAIT_SECONDS", "a number of seconds")
    port = int(env.get("PASSING_PORT") or PORT)
    with (
        hold_set(set_dir),
        SetServer(("", port), set_dir, path=make_path(backup_id), token=compute_token(key, backup_id)) as server,
    ):
        sent = serve(server, context, seconds=float(seconds))
    return {"backup_id": backup_id, "bytes": sent}


if __name__ == "__main__":
    sys.exit(run_program(main))
