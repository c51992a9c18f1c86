"""A real place away of any kind, for tests: those of places_away, Azure (azurite), OpenSSH."""

import base64
import contextlib
import os
import pwd
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from programs.offsite.carrier import PlaceAway
from tests.packaged import find_node_program, find_program
from tests.places_away import (
    BUCKET,
    find_port,
    make_bucket,
    make_directory_place,
    make_s3_place,
    make_ssh_key,
    s3_server,
    second_s3_place,
    serving,
    sftp_place,
    webdav_place,
)

KINDS = ("directory", "s3", "second-s3", "sftp", "openssh", "webdav", "azure")
AZURITE = Path(__file__).resolve().parent / "azurite"
AZURE_ACCOUNT = "civiparoisse"
# sshd that is not root lets in its own account only: by its key, to the directory and no shell. PAM is asked since
# without it an account that has no password is taken for a locked one.
SSHD = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {directory}/host_key
AuthorizedKeysFile {directory}/authorized
PidFile none
UsePAM yes
StrictModes no
AuthenticationMethods publickey
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {directory}/served
"""


@contextlib.contextmanager
def azure_place(directory: Path, _served: Path) -> Iterator[PlaceAway]:
    """Run azurite with an account of its own."""
    port, key = find_port(), base64.b64encode(secrets.token_bytes(64)).decode()
    # The library of rclone may speak a newer version of the protocol than azurite knows by name.
    options = ["--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--blobPort", str(port)]
    command = [find_node_program(AZURITE, "azurite-blob"), *options]
    known = {"AZURITE_ACCOUNTS": f"{AZURE_ACCOUNT}:{key}"}
    with serving(command, port, log=directory / "azure.log", env={**os.environ, **known}, cwd=directory):
        endpoint = f"http://127.0.0.1:{port}/{AZURE_ACCOUNT}"
        options_of_rclone = {"account": AZURE_ACCOUNT, "key": key, "endpoint": endpoint}
        yield PlaceAway(kind="azureblob", options=options_of_rclone, root=BUCKET, secrets=("key",))


@contextlib.contextmanager
def openssh_place(directory: Path, _served: Path) -> Iterator[PlaceAway]:
    """Run OpenSSH's server, as nobody when the tests are root's: root's would need an account of the machine."""
    account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    started = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": ()} if os.getuid() == 0 else {}
    program = find_program("openssh-server", "sshd", folder="usr/sbin")
    (host, host_line), (own, own_line), port = make_ssh_key(), make_ssh_key(), find_port()
    # pytest's own directories, and the cache of root, are closed to other accounts.
    with tempfile.TemporaryDirectory(prefix="cp-sshd-", dir="/tmp") as place:
        own_directory = Path(place)
        (own_directory / "served").mkdir()
        (own_directory / "host_key").write_text(host)
        (own_directory / "host_key").chmod(0o600)
        (own_directory / "authorized").write_text(f"{own_line}\n")
        (own_directory / "settings").write_text(SSHD.format(port=port, directory=place))
        shutil.copy(program, own_directory / "sshd")
        for path in (own_directory, *own_directory.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)
        command = [f"{place}/sshd", "-D", "-e", "-f", f"{place}/settings"]
        with serving(command, port, log=directory / "openssh.log", cwd="/", **started):
            options = {"host": "127.0.0.1", "port": str(port), "user": account.pw_name}
            options["key_pem"] = own.replace("\n", "\\n")
            known_hosts = f"[127.0.0.1]:{port} {host_line}\n"
            yield PlaceAway(
                kind="sftp",
                options=options,
                root=f"{place}/served/copies",
                secrets=("key_pem",),
                known_hosts=known_hosts,
            )


SERVERS = {
    "sftp": sftp_place,
    "openssh": openssh_place,
    "webdav": webdav_place,
    "second-s3": second_s3_place,
    "azure": azure_place,
}


@contextlib.contextmanager
def any_place(kind: str, directory: Path) -> Iterator[PlaceAway]:
    """Serve an empty place of one of KINDS."""
    shutil.rmtree(directory, ignore_errors=True)
    served = directory / "served"
    served.mkdir(parents=True)
    if kind == "directory":
        yield make_directory_place(served / "copies")
    elif kind == "s3":
        with s3_server(directory) as address:
            make_bucket(address, BUCKET, lock=False)
            yield make_s3_place(address)
    else:
        with SERVERS[kind](directory, served) as place:
            yield place
