"""The server's options fit the plan, and the server itself accepts them."""

import subprocess
from pathlib import Path

from engine.local.db_server import compute_buffer_pool_bytes, greets, make_db_command, make_db_configuration
from engine.local.layout import Layout
from engine.local.vendor import find_database_programs
from tests.builders import make_spec
from tests.servers import MariaDbServer

MEBIBYTE = 1024**2


def test_the_buffer_pool_is_a_quarter_in_whole_chunks() -> None:
    sizes = {64: 16, 100: 16, 384: 96, 512: 128, 1000: 240}
    for limit, pool in sizes.items():
        assert compute_buffer_pool_bytes(limit * MEBIBYTE) == pool * MEBIBYTE


def test_the_server_accepts_the_options(tmp_path: Path) -> None:
    layout, programs = Layout(root=tmp_path, identifier="saint-paul"), find_database_programs()
    for name in ("config", "run"):
        layout.path(name).mkdir(parents=True)
    text = make_db_configuration(make_spec(), layout, 23000, programs)
    (layout.path("config") / "my.cnf").write_text(text)
    command = [*make_db_command(layout, programs), "--verbose", "--help"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert "unknown" not in answer.stderr, answer.stderr
    values = dict(line.split(None, 1) for line in answer.stdout.splitlines() if len(line.split(None, 1)) == 2)
    assert values["max-allowed-packet"].strip() == str(1024 * MEBIBYTE)
    assert values["transaction-isolation"].strip() == "READ-COMMITTED"
    assert values["bind-address"].strip() == "127.0.0.1"
    assert values["local-infile"].strip() == "FALSE"
    assert values["performance-schema"].strip() == "FALSE"
    assert values["innodb-buffer-pool-size"].strip() == str(96 * MEBIBYTE)


def test_a_server_greets_and_nothing_does_not(tmp_path: Path, database_server: MariaDbServer) -> None:
    assert greets(database_server.socket)
    assert not greets(tmp_path / "none")
