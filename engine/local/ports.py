"""TCP ports of instances: claimed on the whole machine before anything listens, kept while the instance lives."""

import os
import socket
from collections.abc import Collection
from pathlib import Path

from domain.errors import CiviparoisseError
from engine.local.claims import Book

LOOPBACK = "127.0.0.1"
# Outlives a restart of the machine; anybody may add to it, nobody remove another's (sticky).
PORTS = Book(name="ports", machine=Path("/var/tmp/civiparoisse-ports"), mode=0o1777)
_LISTEN = "0A"  # TCP_LISTEN in /proc/net/tcp (include/net/tcp_states.h)


def read_claims(root: Path, identifier: str) -> dict[str, int]:
    """Return the ports claimed by an instance, by use (db, httpd)."""
    owned = ((port, owner.rpartition(".")) for port, owner in PORTS.list_claims(root))
    return {use: port for port, (holder, _, use) in owned if holder == identifier}


def ensure_ports(
    root: Path, identifier: str, uses: tuple[str, ...], ports: range, *, taken: Collection[int] = ()
) -> dict[str, int]:
    """Return one port per use, claiming what is missing among `ports`. Raise `no_free_port`.

    What is claimed and in `taken` (somebody else listens there), or is another installation's on this machine, is given
    up for another port. The caller holds the instance's lock, so that two calls never claim twice.
    """
    claims = {}
    for use, port in read_claims(root, identifier).items():
        if port not in taken and PORTS.claim(root, port, f"{identifier}.{use}"):
            claims[use] = port
        else:
            PORTS.release(root, port)
    candidates = (port for port in ports if port not in taken)
    for use in uses:
        while use not in claims:
            candidate = next(candidates, None)
            if candidate is None:
                raise CiviparoisseError("no_free_port", instance=identifier, first=ports.start, last=ports.stop - 1)
            # Claimed first, then looked at: nobody else of us can come in between.
            if PORTS.claim(root, candidate, f"{identifier}.{use}", is_new=True):
                if is_free(candidate):
                    claims[use] = candidate
                else:
                    PORTS.release(root, candidate)
    return claims


def release_ports(root: Path, identifier: str) -> None:
    """Free every port of an instance."""
    for port in read_claims(root, identifier).values():
        PORTS.release(root, port)


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
