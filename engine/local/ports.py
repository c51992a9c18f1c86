"""TCP ports of instances: claimed on the whole machine before anything listens, kept while the instance lives.

Every installation of the machine, whoever's it is, enters its claims in MACHINE_CLAIMS: two of them never take one
port, even while what it is for is stopped. An entry whose instance is gone counts for nothing.
"""

import os
import socket
from collections.abc import Collection
from pathlib import Path

from domain.errors import CiviparoisseError

LOOPBACK = "127.0.0.1"
# Outlives a restart of the machine; anybody may add to it, nobody remove another's (sticky).
MACHINE_CLAIMS = Path("/var/tmp/civiparoisse-ports")
_LISTEN = "0A"  # TCP_LISTEN in /proc/net/tcp (include/net/tcp_states.h)


def read_claims(root: Path, identifier: str) -> dict[str, int]:
    """Return the ports claimed by an instance, by use (db, httpd). A claim is a link `ports/<port>` to its owner:
    made in one system call, so never half written."""
    claims = {}
    try:
        entries = sorted(os.listdir(root / "ports"))
    except FileNotFoundError:
        return {}
    for entry in entries:
        if entry.isdigit():
            try:
                owner, _, use = os.readlink(root / "ports" / entry).rpartition(".")
            except FileNotFoundError:
                continue
            if owner == identifier:
                claims[use] = int(entry)
    return claims


def ensure_ports(
    root: Path, identifier: str, uses: tuple[str, ...], ports: range, *, taken: Collection[int] = ()
) -> dict[str, int]:
    """Return one port per use, claiming what is missing among `ports`. Raise `no_free_port`.

    What is claimed and in `taken` (somebody else listens there), or is another installation's on this machine, is given
    up for another port. The caller holds the instance's lock, so that two calls never claim twice.
    """
    claims = {}
    for use, port in read_claims(root, identifier).items():
        if port not in taken and claim(root, port, f"{identifier}.{use}"):
            claims[use] = port
        else:
            release(root, port)
    candidates = (port for port in ports if port not in taken)
    for use in uses:
        while use not in claims:
            candidate = next(candidates, None)
            if candidate is None:
                raise CiviparoisseError("no_free_port", instance=identifier, first=ports.start, last=ports.stop - 1)
            # Claimed first, then looked at: nobody else of us can come in between.
            if claim(root, candidate, f"{identifier}.{use}", is_new=True):
                if is_free(candidate):
                    claims[use] = candidate
                else:
                    release(root, candidate)
    return claims


def claim(root: Path, port: int, owner: str, *, is_new: bool = False) -> bool:
    """Claim a port for `owner` on this machine and in this installation; return False when it is somebody's already.
    `is_new`: a claim that `owner` already has counts as somebody's too."""
    mine = root / "ports" / str(port)
    try:
        os.symlink(owner, mine)
    except FileExistsError:
        if is_new or os.readlink(mine) != owner:
            return False
    if _enter(port, mine):
        return True
    mine.unlink(missing_ok=True)
    return False


def _enter(port: int, mine: Path) -> bool:
    """Enter a claim of this installation in the machine's; return False when another's stands there."""
    if not MACHINE_CLAIMS.is_dir():
        MACHINE_CLAIMS.mkdir(exist_ok=True)
        MACHINE_CLAIMS.chmod(0o1777)
    entry = MACHINE_CLAIMS / str(port)
    for _ in range(2):
        try:
            os.symlink(mine, entry)
        except FileExistsError:
            holder = _read(entry)
            if holder == str(mine):
                return True
            if holder is not None and os.path.lexists(holder):
                return False
            try:
                entry.unlink(missing_ok=True)  # its instance, or its whole installation, is gone
            except PermissionError:
                return False
        else:
            return True
    return False


def _read(entry: Path) -> str | None:
    try:
        return os.readlink(entry)
    except OSError:
        return None


def release(root: Path, port: int) -> None:
    """Give up this installation's claim of a port."""
    mine = root / "ports" / str(port)
    entry = MACHINE_CLAIMS / str(port)
    if _read(entry) == str(mine):
        entry.unlink(missing_ok=True)
    mine.unlink(missing_ok=True)


def release_ports(root: Path, identifier: str) -> None:
    """Free every port of an instance."""
    for port in read_claims(root, identifier).values():
        release(root, port)


def is_free(port: int) -> bool:
    """Return whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def observe_listener(port: int) -> str | None:
    """Return the socket inode of whoever listens on `port` of the loopback or of every address, None if nobody.

    Read from /proc/net/tcp and tcp6 (man 5 proc): a probing connection would use up a worker of the web server.
    """
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except FileNotFoundError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTEN and fields[1].endswith(f":{port:04X}"):
                return fields[9]
    return None


def has_socket(pid: int, inode: str) -> bool:
    """Return whether process `pid` holds the socket `inode`."""
    directory = f"/proc/{pid}/fd"
    try:
        for name in os.listdir(directory):
            try:
                if os.readlink(f"{directory}/{name}") == f"socket:[{inode}]":
                    return True
            except FileNotFoundError:
                continue
    except OSError:
        return False
    return False
