"""Real places away, for tests: a directory, S3 with object lock (moto's server), SFTP, WebDAV and S3 by rclone. Those
of other makers, and a place of any kind: tests/any_place.py."""

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from programs.offsite.carrier import PlaceAway

TOOLS = Path(sys.prefix) / "bin"
RCLONE = str(TOOLS / "rclone")
BUCKET, ACCOUNT, PASSWORD = "copies", "civiparoisse-access", "a secret of the destination"
START_SECONDS = 180


def find_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(command: list[str], port: int, *, log: Path, **started: Any) -> Iterator[None]:
    """Run a server until the end of the block; it listens when the block begins. `started`: further arguments of
    Popen."""
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, **started)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def s3_server(directory: Path) -> Iterator[str]:
    """Run moto's server; yield its address."""
    port = find_port()
    with serving([str(TOOLS / "moto_server"), "-p", str(port)], port, log=directory / "moto.log"):
        yield f"http://127.0.0.1:{port}"


def make_s3_client(address: str, account: tuple[str, str] = (ACCOUNT, PASSWORD)) -> Any:
    """Return a client of that server, as its owner unless an account is given."""
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=account[0],
        aws_secret_access_key=account[1],
    )


def make_bucket(address: str, name: str, *, lock: bool) -> None:
    """Make an empty bucket; a server that was used before forgets everything."""
    urllib.request.urlopen(urllib.request.Request(f"{address}/moto-api/reset", method="POST"), timeout=180).close()
    make_s3_client(address).create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)


def make_s3_place(address: str, *, root: str = BUCKET, **options: str) -> PlaceAway:
    """Return how that server is reached."""
    access = {"access_key_id": ACCOUNT, "secret_access_key": PASSWORD, "endpoint": address, "region": "us-east-1"}
    return PlaceAway(
        kind="s3", options={"provider": "Other", **access, **options}, root=root, secrets=("secret_access_key",)
    )


def make_directory_place(directory: Path) -> PlaceAway:
    """Return a directory as a place away."""
    return PlaceAway(kind="local", options={}, root=str(directory))


def obscure(text: str) -> str:
    """Return a password as rclone wants it."""
    return subprocess.run([RCLONE, "obscure", text], capture_output=True, text=True, check=True).stdout.strip()


def make_ssh_key() -> tuple[str, str]:
    """Return a new private key of SSH, and its public half as one line without a name."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return private.decode(), public.decode()


@contextlib.contextmanager
def sftp_place(directory: Path, served: Path) -> Iterator[PlaceAway]:
    """Serve a directory by SFTP, with a host key that is known."""
    port, (private, public) = find_port(), make_ssh_key()
    (directory / "host_key").write_text(private)
    (directory / "host_key").chmod(0o600)
    command = [RCLONE, "serve", "sftp", str(served), "--addr", f"127.0.0.1:{port}", "--user", ACCOUNT]
    with serving(
        [*command, "--pass", PASSWORD, "--key", str(directory / "host_key")], port, log=directory / "sftp.log"
    ):
        options = {"host": "127.0.0.1", "port": str(port), "user": ACCOUNT, "pass": obscure(PASSWORD)}
        known_hosts = f"[127.0.0.1]:{port} {public}\n"
        yield PlaceAway(kind="sftp", options=options, root="copies", secrets=("pass",), known_hosts=known_hosts)


@contextlib.contextmanager
def webdav_place(directory: Path, served: Path) -> Iterator[PlaceAway]:
    """Serve a directory by WebDAV."""
    port = find_port()
    command = [RCLONE, "serve", "webdav", str(served), "--addr", f"127.0.0.1:{port}", "--user", ACCOUNT]
    with serving([*command, "--pass", PASSWORD], port, log=directory / "webdav.log"):
        options = {"url": f"http://127.0.0.1:{port}", "vendor": "other", "user": ACCOUNT, "pass": obscure(PASSWORD)}
        yield PlaceAway(kind="webdav", options=options, root="copies", secrets=("pass",))


@contextlib.contextmanager
def second_s3_place(directory: Path, served: Path) -> Iterator[PlaceAway]:
    """Serve a directory by another implementation of S3: rclone's."""
    port = find_port()
    (served / BUCKET).mkdir()
    command = [RCLONE, "serve", "s3", str(served), "--addr", f"127.0.0.1:{port}", "--auth-key", f"{ACCOUNT},{PASSWORD}"]
    with serving(command, port, log=directory / "s3.log"):
        yield make_s3_place(f"http://127.0.0.1:{port}")


def make_account(address: str, name: str, *actions: str, resource: str = "*") -> tuple[str, str]:
    """Make an account of that server that may do these actions (as s3:PutObject) and nothing else; return its key."""
    client = boto3.client(
        "iam", endpoint_url=address, region_name="us-east-1", aws_access_key_id=ACCOUNT, aws_secret_access_key=PASSWORD
    )
    client.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    key = client.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def enforce_accounts(address: str) -> None:
    """Have that server ask who does what from now on; accounts are made before."""
    plain = {"Content-Type": "text/plain"}
    asked = urllib.request.Request(f"{address}/moto-api/reset-auth", data=b"0", headers=plain, method="POST")
    urllib.request.urlopen(asked, timeout=180).close()


def keep_versions(address: str, name: str) -> None:
    """Have a bucket keep what is replaced or removed, without any lock."""
    make_s3_client(address).put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
