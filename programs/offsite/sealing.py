"""Sealing with age, as streams: parts of a bounded size on their way out, one artifact on its way back."""

import contextlib
import hashlib
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import md5 as make_md5
from pathlib import Path
from typing import IO

from programs.offsite.carrier import Carrier
from programs.run.failures import ProgramError

CHUNK_BYTES = 1024 * 1024
# A part is what waits on the disk, sealed, while it is sent; an artifact may have many.
PART_BYTES = 256 * 1024 * 1024
END_SECONDS = 60.0


@dataclass(frozen=True)
class Part:
    """One object of a sealed artifact: bytes and hashes of what is stored away. `checksum`: its MD5, as destinations
    tell it."""

    name: str
    bytes: int
    sha256: str
    checksum: str


@dataclass(frozen=True)
class Sealed:
    """An artifact of a set, as it is away. `stored_…`: of the file of the set, before it was sealed."""

    artifact: str
    stored_bytes: int
    stored_sha256: str
    parts: tuple[Part, ...]


def make_identity() -> tuple[str, str]:
    """A new age key: (identity, recipient). Raise ProgramError when age is not installed."""
    output = _run(["age-keygen"])
    identity = next(line for line in output.splitlines() if line.startswith("AGE-SECRET-KEY-"))
    recipient = next(line.split()[-1] for line in output.splitlines() if "age1" in line)
    return identity, recipient


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=END_SECONDS, stdin=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise make_missing() from error
    return done.stdout.decode()


def make_missing() -> ProgramError:
    """The error of a machine without age."""
    return ProgramError(
        "program_missing", "age is not installed", hint="install it in the image that runs this program"
    )


def seal_parts(
    source: Path, part: Path, recipients: Sequence[str], *, most_bytes: int = 0
) -> Iterator[tuple[int, str, str]]:
    """Seal `source` to all `recipients` into the file `part`, again and again until all of it has been there: each time
    yield its bytes, sha256 and MD5. Nothing plain is written, and memory does not grow with the file. `most_bytes`: of
    a part, PART_BYTES unless given."""
    command = ["age", "--encrypt", *(text for recipient in recipients for text in ("--recipient", recipient))]
    most = most_bytes or PART_BYTES
    with source.open("rb") as plain:
        try:
            process = subprocess.Popen(command, stdin=plain, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except FileNotFoundError as error:
            raise make_missing() from error
    with process:
        try:
            assert process.stdout is not None and process.stderr is not None
            while True:
                size, sha256, md5 = 0, hashlib.sha256(), make_md5(usedforsecurity=False)
                with part.open("wb") as file:
                    while size < most and (data := process.stdout.read(min(CHUNK_BYTES, most - size))):
                        file.write(data)
                        sha256.update(data)
                        md5.update(data)
                        size += len(data)
                if not size:
                    break
                yield size, sha256.hexdigest(), md5.hexdigest()
            said = process.stderr.read().decode(errors="replace")
            if process.wait(END_SECONDS) != 0:
                raise ProgramError("seal_failed", f"age failed: {said.strip()[:300]}", hint="see the log of the run")
        finally:
            process.kill()


def open_sealed(carrier: Carrier, sealed: Sealed, *, identity_file: Path, target: Path) -> None:
    """Bring one artifact back: its parts in their order through age into `target`. Raise ProgramError
    `copy_differs` when a part, or what comes out, is not what was sealed."""
    with target.open("wb") as plain, start_age(identity_file, plain) as process:
        _feed(process, carrier, sealed)
    _judge(sealed, *measure(target))


def check_sealed(carrier: Carrier, sealed: Sealed, *, identity_file: Path) -> None:
    """Bring one artifact through age and keep none of it. Raise ProgramError as `open_sealed`."""
    with start_age(identity_file, subprocess.PIPE) as process, ThreadPoolExecutor(max_workers=1) as reader:
        assert process.stdout is not None
        measured = reader.submit(measure_stream, process.stdout)
        _feed(process, carrier, sealed)
        _judge(sealed, *measured.result())


@contextlib.contextmanager
def start_age(identity_file: Path, output: "IO[bytes] | int") -> Iterator["subprocess.Popen[bytes]"]:
    """Yield age opening what is written to it; ended at the end, whatever happened, and its pipes with it."""
    command = ["age", "--decrypt", "--identity", str(identity_file)]
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.PIPE)
    except FileNotFoundError as error:
        raise make_missing() from error
    with process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            # Bytes that age did not take any more are nobody's loss, and must not hide why it was left.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()


def _feed(process: "subprocess.Popen[bytes]", carrier: Carrier, sealed: Sealed) -> None:
    """Give age all parts and wait for its end."""
    assert process.stdin is not None and process.stderr is not None
    try:
        with contextlib.suppress(BrokenPipeError):  # age has ended, and says why
            for part in sealed.parts:
                pass_part(carrier, part, process.stdin.write)
            process.stdin.close()
        said = process.stderr.read().decode(errors="replace")
        if process.wait(END_SECONDS) != 0:
            raise make_difference(sealed.artifact, said.strip()[:300])
    finally:
        process.kill()


def _judge(sealed: Sealed, size: int, sha256: str) -> None:
    if (size, sha256) != (sealed.stored_bytes, sealed.stored_sha256):
        raise make_difference(sealed.artifact, "it opens, and is not what was sealed")


def pass_part(carrier: Carrier, part: Part, write: Callable[[bytes], object]) -> None:
    """Give the bytes of one object to `write`. Raise ProgramError `copy_differs` for others than were sent."""
    sha256, size = hashlib.sha256(), 0
    process = carrier.open(part.name)
    with process:
        try:
            assert process.stdout is not None
            while data := process.stdout.read(CHUNK_BYTES):
                sha256.update(data)
                size += len(data)
                write(data)
            carrier.check_end(process)
        finally:
            process.kill()
    if (size, sha256.hexdigest()) != (part.bytes, part.sha256):
        raise make_difference(part.name, "its bytes are not those that were sent")


def make_difference(name: str, detail: str) -> ProgramError:
    """The error of what is away and is not what was sent."""
    hint = "fetch the set from another place, and copy it again"
    return ProgramError("copy_differs", f"{name}: {detail}", hint=hint, params={"name": name, "detail": detail})


def measure(path: Path) -> tuple[int, str]:
    """Bytes and sha256 of a file."""
    with path.open("rb") as file:
        return measure_stream(file)


def measure_stream(stream: IO[bytes]) -> tuple[int, str]:
    """Bytes and sha256 of what a stream gives until its end."""
    digest, size = hashlib.sha256(), 0
    while data := stream.read(CHUNK_BYTES):
        digest.update(data)
        size += len(data)
    return size, digest.hexdigest()
