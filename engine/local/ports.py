"""TCP ports of instances: chosen once, claimed by a file, kept until the instance is deleted."""

import os
import socket
from pathlib import Path

from domain.errors import CiviparoisseError

LOOPBACK = "127.0.0.1"
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


def ensure_ports(root: Path, identifier: str, uses: tuple[str, ...], ports: range) -> dict[str, int]:
    """Return one port per use, claiming what is missing among `ports`. Raise `no_free_port`.

    The caller holds the instance's lock, so that two calls never claim twice.
    """
    claims = read_claims(root, identifier)
    candidates = iter(ports)
    for use in uses:
        while use not in claims:
            port = next(candidates, None)
            if port is None:
                raise CiviparoisseError("no_free_port", instance=identifier, first=ports.start, last=ports.stop - 1)
            if is_free(port) and claim(root, port, f"{identifier}.{use}"):
                claims[use] = port
    return claims


def claim(root: Path, port: int, owner: str) -> bool:
    """Claim a port for `owner`; return False when it is somebody's already."""
    try:
        os.symlink(owner, root / "ports" / str(port))
    except FileExistsError:
        return False
    return True


def release_ports(root: Path, identifier: str) -> None:
    """Free every port of an instance."""
    for port in read_claims(root, identifier).values():
        (root / "ports" / str(port)).unlink(missing_ok=True)


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
