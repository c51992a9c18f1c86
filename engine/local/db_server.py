"""The configuration and the command of an instance's database server."""

import socket
from pathlib import Path

from domain.specs import InstanceSpec
from engine.local.layout import Layout
from engine.local.ports import LOOPBACK
from engine.local.vendor import DatabasePrograms

GREETING_SECONDS = 0.3
PROTOCOL_VERSION = 10  # first byte of a MySQL server's greeting, after its 4-byte header
MEBIBYTE = 1024**2
SQL_MODE = "STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
# Beside what the web server's workers need: cron, backup, restore, the manager, and a person looking.
SPARE_CONNECTIONS = 20


def compute_buffer_pool_bytes(memory_limit_bytes: int) -> int:
    """Return the InnoDB buffer pool for a memory limit: a quarter, in whole chunks of 16 MiB, at least one."""
    chunk = 16 * MEBIBYTE
    return max(chunk, memory_limit_bytes // 4 // chunk * chunk)


def make_db_configuration(spec: InstanceSpec, layout: Layout, port: int, programs: DatabasePrograms) -> str:
    """Return the server's option file. Values as in `config-db-server` (docs/domain.md#configuration), TLS apart:
    the server listens on the loopback only. Caches that default to hundreds of MiB are cut to fit the plan's limit."""
    run = layout.path("run")
    settings: dict[str, str | int] = {
        "datadir": f'"{layout.data}"',
        "socket": f'"{layout.socket}"',
        "pid_file": f'"{run}/db.pid"',
        # Its own: a server that starts removes every temporary table below its tmpdir, whose ever it is.
        "tmpdir": f'"{run}"',
        "secure_file_priv": f'"{run}"',
        "bind_address": LOOPBACK,
        "port": port,
        "skip_name_resolve": 1,
        "max_connections": spec.plan.prefork.max_request_workers + SPARE_CONNECTIONS,
        "character_set_server": "utf8mb4",
        "collation_server": "utf8mb4_unicode_ci",
        "sql_mode": SQL_MODE,
        "transaction_isolation": "READ-COMMITTED",
        "max_allowed_packet": 1024 * MEBIBYTE,
        "local_infile": 0,
        "event_scheduler": "ON",
        "performance_schema": 0,
        "skip_log_bin": 1,
        "log_bin_trust_function_creators": 1,
        "innodb_buffer_pool_size": compute_buffer_pool_bytes(spec.plan.containers["db"].memory_limit_bytes),
        "innodb_log_buffer_size": 8 * MEBIBYTE,
        "key_buffer_size": 4 * MEBIBYTE,
        "table_open_cache": 1000,
        "tmp_table_size": 16 * MEBIBYTE,
        "max_heap_table_size": 16 * MEBIBYTE,
    }
    if programs.vendor == "mariadb":
        # Level 1: each look at the socket would be logged as an aborted connection at the default 2.
        settings |= {"aria_pagecache_buffer_size": 8 * MEBIBYTE, "innodb_log_file_size": 32 * MEBIBYTE}
        settings["log_warnings"] = 1
    else:
        settings |= {"mysqlx": 0, "innodb_redo_log_capacity": 32 * MEBIBYTE}
    # Hyphens: the isolation option has no other spelling in an option file.
    lines = (f"{name.replace('_', '-')} = {value}" for name, value in settings.items())
    return "[mysqld]\n" + "\n".join(lines) + "\n"


def make_db_command(layout: Layout, programs: DatabasePrograms) -> list[str]:
    """Return the server's command line; --defaults-file keeps the machine's own option files out."""
    return [programs.server, f"--defaults-file={layout.path('config')}/my.cnf"]


def greets(path: Path) -> bool:
    """Return whether a MySQL server answers on this Unix socket with its greeting."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(GREETING_SECONDS)
        try:
            connection.connect(str(path))
            greeting = connection.recv(5)
        except OSError:
            return False
    return len(greeting) == 5 and greeting[4] == PROTOCOL_VERSION
