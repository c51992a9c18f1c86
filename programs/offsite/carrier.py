"""A place away, reached by rclone. No secret stands on a command line: rclone gets all of it in its environment."""

import contextlib
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from programs.run.failures import ProgramError

REMOTE = "place"
# One request of S3 takes 5 GiB; what is carried here is always smaller than that, and so has one plain MD5.
SINGLE_PART = "4900Mi"
SHORT_SECONDS = 120.0
LONGEST_SECONDS = 6 * 3600.0
DETAIL_LENGTH = 300
# A lock without an end: somebody has to lift it.
NO_END = datetime.max.replace(tzinfo=UTC)
# What rclone's last words mean: (code, whether asking again may help, pattern). The first that fits.
MEANINGS: tuple[tuple[str, bool, re.Pattern[str]], ...] = (
    ("object_held", False, re.compile(r"object.?lock|WORM|retention|immutab|legal hold|protected by", re.I)),
    ("destination_clock", True, re.compile(r"TimeTooSkewed|clock skew|request has expired", re.I)),
    ("destination_lacks", False, re.compile(r"NotImplemented|\b501\b")),
    ("destination_untrusted", False, re.compile(r"x509|certificate|host key|knownhosts", re.I)),
    (
        "destination_full",
        True,
        re.compile(
            r"no space|disk space|insufficient storage|\b507\b|quota|disk.?full|StorageFull|failure.*write", re.I
        ),
    ),
    (
        "destination_refused",
        True,
        re.compile(
            r"AccessDenied|Forbidden|\b40[13]\b|InvalidAccessKey|SignatureDoesNotMatch|ExpiredToken|Unauthorized"
            r"|permission denied|unable to authenticate|ssh-agent|AuthenticationFailed|invalid_grant",
            re.I,
        ),
    ),
    ("object_missing", False, re.compile(r"not found|NoSuchKey|doesn't exist|no such file", re.I)),
)
HINTS = {
    "object_held": "it may be removed once its lock has ended",
    "destination_clock": "set the clock of this machine by NTP",
    "destination_lacks": "the destination has no such thing; nothing is lost by that",
    "destination_untrusted": "check the certificate or the host key of the destination",
    "destination_full": "make room at the destination",
    "destination_refused": "check the account of the destination and its rights",
    "object_missing": "copy the set again",
    "destination_unreachable": "check the address and the network; it is tried again",
}


@dataclass(frozen=True)
class PlaceAway:
    """How a destination is reached. `kind`: rclone's type; `options`: its options, by rclone's names; `secrets`: those
    of them that nobody may read; `root`: bucket and folder, or folder; `known_hosts`: of SFTP; `bandwidth_kib`: KiB a
    second, 0 for no limit."""

    kind: str
    options: Mapping[str, str] = field(repr=False)
    root: str
    secrets: Sequence[str] = ()
    known_hosts: str = field(default="", repr=False)
    bandwidth_kib: int = 0

    def format(self) -> str:
        """As the text that a job is given in a private file."""
        document = {name: getattr(self, name) for name in ("kind", "root", "known_hosts", "bandwidth_kib")}
        return json.dumps({**document, "options": dict(self.options), "secrets": list(self.secrets)})

    @classmethod
    def parse(cls, text: str) -> "PlaceAway":
        """From that text. Raise ProgramError environment_invalid, which tells nothing of what it holds."""
        try:
            document = json.loads(text)
            return cls(**{**document, "secrets": tuple(document["secrets"])})
        except (KeyError, TypeError, ValueError):
            message = "the description of the destination cannot be read"
            raise ProgramError("environment_invalid", message) from None


class Carrier:
    """Puts objects to a place and reads them there. `work_dir`: private, for the keys of known hosts.

    Raises ProgramError with the codes of HINTS; its params tell `detail`, without any secret."""

    def __init__(self, place: PlaceAway, *, work_dir: Path, program: str = "rclone") -> None:
        self.place, self.program = place, program
        self.environment = _make_environment(place, work_dir)
        self.limits = [f"--bwlimit={place.bandwidth_kib}Ki"] if place.bandwidth_kib else []

    def put(self, path: Path, name: str) -> None:
        """Send a file under a name that no object has yet: nothing is looked for, and nothing replaced."""
        # Write-only accounts may neither look nor list; the sender of a random name need not.
        asked = ["copyto", "--no-check-dest", "--immutable", "--no-traverse", str(path), self._address(name)]
        self._run([*asked, *self.limits], seconds=LONGEST_SECONDS)

    def list(self, name: str = "", *, hashes: bool = False, versions: bool = False) -> list[dict[str, Any]]:
        """Every object below `name`, or that object itself: Path (from the root), Size, ModTime (of the destination's
        clock where it keeps one), and Hashes by kind as it tells them; with `versions`, what was replaced or removed
        and is still kept there too. Empty where there is nothing."""
        asked = ["lsjson", "--recursive", "--files-only", "--no-mimetype", *(["--hash"] if hashes else [])]
        asked += ["--use-server-modtime", *(["--s3-versions"] if versions else [])]
        try:
            found = self._run([*asked, self._address(name)], seconds=SHORT_SECONDS * 5)
        except ProgramError as error:
            if error.code == "object_missing":
                return []
            raise
        listed: list[dict[str, Any]] = json.loads(found or b"[]")
        is_one = len(listed) == 1 and listed[0]["Path"] == name.rpartition("/")[2] and bool(name)
        prefix = name.rpartition("/")[0] if is_one else name
        return [{**one, "Path": f"{prefix}/{one['Path']}" if prefix else one["Path"]} for one in listed]

    def read(self, name: str, *, most_bytes: int) -> bytes:
        """A small object. Raise ProgramError `object_missing`, or `object_too_large`."""
        data = self._run(["cat", f"--head={most_bytes + 1}", self._address(name)], seconds=SHORT_SECONDS)
        if not data and not self.list(name):
            raise ProgramError("object_missing", f"{name} is not there", hint=HINTS["object_missing"])
        if len(data) > most_bytes:
            raise ProgramError("object_too_large", f"{name} is larger than {most_bytes} bytes")
        return data

    def open(self, name: str) -> "subprocess.Popen[bytes]":
        """A process that writes the object on its standard output; whoever asked ends it and calls `check_end`."""
        return self._start(["cat", self._address(name), *self.limits])

    def check_end(self, process: "subprocess.Popen[bytes]") -> None:
        """Raise ProgramError unless a process of `open`, whose output was read to its end, has succeeded."""
        assert process.stderr is not None
        said = process.stderr.read().decode(errors="replace")
        if process.wait(SHORT_SECONDS) != 0:
            raise self._make_error(said)

    def delete(self, name: str) -> None:
        """Remove one object. Raise ProgramError `object_held` while its lock lasts."""
        self._run(["deletefile", self._address(name)], seconds=SHORT_SECONDS)

    def find_lock_end(self, name: str) -> datetime | None:
        """Until when a lock holds anything below `name`, hidden versions too: the latest of them, None without a lock,
        NO_END for a legal hold. Only S3 tells; elsewhere a removal is refused."""
        if self.place.kind != "s3":
            return None
        asked = ["lsjson", "--recursive", "--files-only", "--metadata", self._address(name)]
        try:
            try:
                found = self._run([*asked, "--s3-versions"], seconds=SHORT_SECONDS * 5)
            except ProgramError as error:
                if error.code != "destination_lacks":
                    raise
                found = self._run(asked, seconds=SHORT_SECONDS * 5)
        except ProgramError as error:
            if error.code == "object_missing":
                return None
            raise
        listed = json.loads(found or b"[]")
        ends = []
        for told in (one.get("Metadata") or {} for one in listed):
            if str(told.get("object-lock-legal-hold-status", "")).upper() == "ON":
                return NO_END
            if told.get("object-lock-retain-until-date"):
                ends.append(datetime.fromisoformat(told["object-lock-retain-until-date"]))
        return max(ends, default=None)

    def remove_all(self, name: str) -> int:
        """Remove every object below `name` for good. Return how many a destination with versions keeps hidden all the
        same, since the account may not remove versions. Raise ProgramError `object_held` when something stays that is
        not hidden; nothing there is no error."""
        is_s3 = self.place.kind == "s3"
        known = len(self.list(name)) if is_s3 else 0
        try:
            self._run(["delete" if is_s3 else "purge", self._address(name)], seconds=SHORT_SECONDS * 5)
        except ProgramError as error:
            if error.code != "object_missing":
                raise
        if not is_s3:
            return 0
        hidden = self._count_versions(name, otherwise=known)
        if hidden:
            with contextlib.suppress(ProgramError):
                self.forget_versions(name)
            hidden = self._count_versions(name, otherwise=known)
        if self.list(name):
            raise ProgramError("object_held", f"{name} is still there", hint=HINTS["object_held"])
        return hidden

    def _count_versions(self, name: str, *, otherwise: int) -> int:
        """How many versions are below `name`; `otherwise` where the account may not ask, 0 where there are no such."""
        try:
            return len(self.list(name, versions=True))
        except ProgramError as error:
            if error.code == "destination_lacks":
                return 0
            if error.code == "destination_refused":
                return otherwise
            raise

    def forget_versions(self, name: str) -> None:
        """Have the destination remove for good what was replaced or removed below `name`, as far as it lets us."""
        self._run(["backend", "cleanup-hidden", self._address(name)], seconds=SHORT_SECONDS)

    def _address(self, name: str) -> str:
        parts = [part for part in (self.place.root.rstrip("/") or self.place.root, name) if part]
        return f"{REMOTE}:{'/'.join(parts)}"

    def _start(self, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
        command = [
            self.program,
            *arguments,
            "--retries=1",
            "--low-level-retries=3",
            "--contimeout=15s",
            "--timeout=60s",
        ]
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self.environment,
                # What is written is sealed: whoever restores it later, under whatever account, must be able to read it.
                umask=0o022,
            )
        except FileNotFoundError as error:
            hint = "install it in the image that runs this program"
            raise ProgramError("program_missing", "rclone is not installed", hint=hint) from error

    def _run(self, arguments: Sequence[str], *, seconds: float) -> bytes:
        with self._start(arguments) as process:
            try:
                output, said = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                output, said = process.communicate()
                said += b"\nno answer in time"
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0:
            raise self._make_error(said.decode(errors="replace"))
        return output

    def _make_error(self, said: str) -> ProgramError:
        for name in self.place.secrets:
            for secret in {self.place.options.get(name, ""), *self.place.options.get(name, "").splitlines()}:
                said = said.replace(secret, "•••") if len(secret) >= 4 else said
        code, retryable = "destination_unreachable", True
        for meaning, again, pattern in MEANINGS:
            if pattern.search(said):
                code, retryable = meaning, again
                break
        lines = [line for line in said.splitlines() if line.strip()]
        detail = re.sub(r"^\S+ \S+ ", "", lines[-1])[:DETAIL_LENGTH] if lines else ""
        message = f"the destination: {detail}" if detail else "the destination did not do it"
        return ProgramError(code, message, hint=HINTS[code], retryable=retryable, params={"detail": detail})


def _make_environment(place: PlaceAway, work_dir: Path) -> dict[str, str]:
    kept = ("PATH", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "TZ")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    options = dict(place.options)
    if place.known_hosts:
        path = work_dir / "known_hosts"
        path.write_text(place.known_hosts)
        path.chmod(0o600)
        options["known_hosts_file"] = str(path)
    prefix = f"RCLONE_CONFIG_{REMOTE.upper()}_"
    environment |= {f"{prefix}{name.upper()}": value for name, value in options.items()}
    # Neither somebody's own settings nor a cache: what is given here is all that rclone knows.
    return {
        **environment,
        f"{prefix}TYPE": place.kind,
        "RCLONE_CONFIG": "",
        "RCLONE_S3_UPLOAD_CUTOFF": SINGLE_PART,
        "RCLONE_S3_NO_CHECK_BUCKET": "true",
        "RCLONE_GCS_NO_CHECK_BUCKET": "true",
        # An account that only writes may not look at what it wrote; what is there is compared afterwards.
        "RCLONE_S3_NO_HEAD": "true",
        "HOME": str(work_dir),
    }
