"""Ports are claimed once, by one instance, and kept."""

import dataclasses
import os
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.errors import CiviparoisseError
from engine.local.ports import (
    LOOPBACK,
    PORTS,
    ensure_ports,
    has_socket,
    is_free,
    observe_listener,
    read_claims,
    release_ports,
)
from tests.local_engines import choose_ports

USES = ("db", "httpd")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation on a machine of its own."""
    own = dataclasses.replace(PORTS, machine=tmp_path / "machine")
    monkeypatch.setattr("engine.local.ports.PORTS", own)
    monkeypatch.setattr(f"{__name__}.PORTS", own)
    (tmp_path / "ports").mkdir()
    return tmp_path


def test_ports_are_kept_and_given_back(root: Path) -> None:
    ports = choose_ports()
    first = ensure_ports(root, "saint-paul", USES, ports)
    assert set(first) == set(USES)
    assert ensure_ports(root, "saint-paul", USES, range(0)) == first
    assert not set(ensure_ports(root, "saint-paul-sandbox", USES, ports).values()) & set(first.values())
    release_ports(root, "saint-paul")
    assert read_claims(root, "saint-paul") == {}
    assert len(read_claims(root, "saint-paul-sandbox")) == 2


def test_many_instances_at_once_never_share_a_port(root: Path) -> None:
    ports = choose_ports()
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda number: ensure_ports(root, f"p{number}", USES, ports), range(15)))
    taken = [port for claim in claims for port in claim.values()]
    assert len(taken) == len(set(taken)) == 30


def test_a_port_somebody_listens_on_is_passed_over(root: Path) -> None:
    with socket.socket() as squatter:
        squatter.bind((LOOPBACK, 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        assert not is_free(port)
        inode = observe_listener(port)
        assert inode is not None
        assert has_socket(os.getpid(), inode)
        assert not has_socket(os.getppid(), inode)
        with pytest.raises(CiviparoisseError) as raised:
            ensure_ports(root, "saint-paul", ("db",), range(port, port + 1))
        assert raised.value.code == "no_free_port"
    assert observe_listener(port) is None


def test_a_claim_is_somebody_s_for_good(root: Path) -> None:
    assert PORTS.claim(root, 23001, "saint-paul.db")
    assert not PORTS.claim(root, 23001, "saint-jean.db")
    assert read_claims(root, "saint-jean") == {}


@pytest.fixture
def second_root(tmp_path: Path) -> Path:
    """Another installation of the same machine."""
    (tmp_path / "second" / "ports").mkdir(parents=True)
    return tmp_path / "second"


def test_two_installations_of_one_machine_never_share_a_port_even_while_nothing_runs(
    root: Path, second_root: Path
) -> None:
    ports = choose_ports()
    first = ensure_ports(root, "saint-paul", USES, ports)
    second = ensure_ports(second_root, "saint-paul", USES, ports)
    assert not set(first.values()) & set(second.values())
    release_ports(root, "saint-paul")
    assert PORTS.claim(second_root, first["db"], "saint-jean.db"), "given back to all"
    assert ensure_ports(root, "saint-paul", USES, ports)["db"] != first["db"]


def test_a_claim_of_an_installation_that_is_gone_holds_nobody_up(root: Path, second_root: Path) -> None:
    port = choose_ports()[0]
    assert PORTS.claim(second_root, port, "saint-paul.db")
    assert not PORTS.claim(root, port, "saint-paul.db")
    shutil.rmtree(second_root)
    assert PORTS.claim(root, port, "saint-paul.db")


def test_a_taken_port_is_given_up_for_another(root: Path) -> None:
    ports = choose_ports()
    first = ensure_ports(root, "saint-paul", USES, ports)
    second = ensure_ports(root, "saint-paul", USES, ports, taken=[first["httpd"]])
    assert second["db"] == first["db"]
    assert second["httpd"] not in first.values()
    assert read_claims(root, "saint-paul") == second


def test_a_claim_made_before_the_machine_kept_them_is_entered_and_one_that_clashes_moves(
    root: Path, second_root: Path
) -> None:
    ports = choose_ports()
    for place in (root, second_root):
        os.symlink("saint-paul.db", place / "ports" / str(ports[0]))
    assert ensure_ports(root, "saint-paul", ("db",), ports) == {"db": ports[0]}
    assert ensure_ports(second_root, "saint-paul", ("db",), ports)["db"] != ports[0]
