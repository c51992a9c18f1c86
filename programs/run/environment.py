"""The environment of the programs, read strictly: a wrong value stops the start and says what is accepted."""

import dataclasses
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from programs.run.data_sets import (
    DATABASE_NAME,
    LABEL,
    DatabaseDeclaration,
    Trees,
    make_refusal,
    read_data_sets,
    read_trees,
)
from programs.run.failures import ProgramError
from programs.run.figures import Figure, read_known_figures

BACKUP_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
SOCKET = re.compile(r"(?:/[^\x00-\x1f\x7f]{1,106})?")  # a Unix socket's path has at most 107 characters
ACCOUNT = re.compile(r"[^\x00-\x1f\x7f]{1,80}")
SCOPES = ("full", "database", "files")
MODES = ("hot", "cold")
DAMAGED_VIEWS = ("refuse", "skip")
CODECS = ("gzip", "zstd")
KEY_MIN_BYTES = 16
SECRET_MAX_BYTES = 4096

__all__ = ["DATABASE_NAME", "LABEL", "Trees"]

Environment = Mapping[str, str]


@dataclass(frozen=True)
class ServerAccess:
    """How to reach the tenant's database server, and as whom. `socket`: its path, used instead of host and port."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    databases: tuple[str, ...]
    socket: str | None = None


@dataclass(frozen=True)
class BackupEnvironment:
    """What `programs.backup` is asked to do."""

    tenant: str
    instance: str
    backup_id: str
    backups_dir: Path
    work_dir: Path
    scope: str
    mode: str
    codec: str
    damaged_views: str  # refuse, or skip and say so: they hold no rows
    trees: Trees
    server: ServerAccess | None  # None: scope files
    manifest_key: bytes = field(repr=False)
    desired_state_file: Path | None
    databases: Mapping[str, DatabaseDeclaration] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class VerifyEnvironment:
    """What `programs.verify` is asked to check. No key: the signature is not checked, and it says so."""

    set_dir: Path
    manifest_key: bytes | None = field(repr=False)
    expected_tenant: str | None


@dataclass(frozen=True)
class RestoreEnvironment:
    """What `programs.restore` is asked to do. `database` None: all of them. `site_host`: only for a clone.
    `administrator`: the server's own account, None where the engine gives none."""

    tenant: str
    instance: str
    set_dir: Path
    work_dir: Path
    scope: str
    trees: Trees
    server: ServerAccess | None  # None: scope files
    administrator: ServerAccess | None
    database: str | None
    manifest_key: bytes = field(repr=False)
    expected_tenant: str
    clone: bool
    site_host: str | None


def make_environment_error(name: str, accepted: str) -> ProgramError:
    """The error of one variable; its value is never repeated, it may be a secret."""
    return make_refusal(name, accepted)


def read_text(env: Environment, name: str, *, pattern: re.Pattern[str], accepted: str, default: str = "") -> str:
    """The variable, which must match `pattern` as a whole. Empty counts as missing."""
    value = env.get(name) or default
    if not pattern.fullmatch(value):
        raise make_environment_error(name, accepted)
    return value


def read_choice(env: Environment, name: str, *, choices: Sequence[str], default: str) -> str:
    """The variable, one of `choices`."""
    value = env.get(name) or default
    if value not in choices:
        raise make_environment_error(name, " or ".join(choices))
    return value


def read_directory(env: Environment, name: str, *, default: str = "") -> Path:
    """The variable, an absolute path of a directory that exists."""
    value = env.get(name) or default
    if not value.startswith("/") or "\0" in value or not os.path.isdir(value):
        raise make_environment_error(name, "the absolute path of an existing directory")
    return Path(value)


def read_secret(env: Environment, name: str, *, least_bytes: int) -> bytes:
    """Content of the file the variable names; one newline at the end is not part of it."""
    accepted = f"the absolute path of a readable file of {least_bytes} to {SECRET_MAX_BYTES} bytes"
    path = env.get(name) or ""
    if not path.startswith("/"):
        raise make_environment_error(name, accepted)
    try:
        with open(path, "rb") as file:
            data = file.read(SECRET_MAX_BYTES + 2)
    except (OSError, ValueError) as error:
        raise make_environment_error(name, accepted) from error
    data = data.removesuffix(b"\n")
    if not least_bytes <= len(data) <= SECRET_MAX_BYTES:
        raise make_environment_error(name, accepted)
    return data


def read_label(env: Environment, name: str) -> str:
    """The variable, an RFC 1123 label."""
    accepted = "1 to 63 lower-case letters, digits and dashes, neither first nor last a dash"
    return read_text(env, name, pattern=LABEL, accepted=accepted)


def read_server(env: Environment) -> ServerAccess:
    """The database server's address, account and databases."""
    names = tuple(read_data_sets(env).databases)
    if not names:
        raise make_environment_error("DATABASES", "distinct names of letters, digits and _, between spaces")
    port = env.get("DB_PORT") or "3306"
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise make_environment_error("DB_PORT", "a number from 1 to 65535")
    password = read_secret(env, "DB_PASSWORD_FILE", least_bytes=1).decode(errors="replace")
    if re.search(r"[\x00\r\n\ufffd]", password):
        raise make_environment_error("DB_PASSWORD_FILE", "the path of a file of one line of UTF-8 text")
    return ServerAccess(
        host=read_text(env, "DB_HOST", pattern=HOST, accepted="a host name or address", default="127.0.0.1"),
        port=int(port),
        user=read_text(env, "DB_USER", pattern=ACCOUNT, accepted="an account name", default="exploitant"),
        password=password,
        databases=names,
        socket=read_text(env, "DB_SOCKET", pattern=SOCKET, accepted="empty, or a socket's absolute path") or None,
    )


def read_administrator(env: Environment, server: ServerAccess) -> ServerAccess | None:
    """The account that may make others: DB_ADMIN_USER (root) by the socket DB_ADMIN_SOCKET, or as the account of
    `server` comes. None without a password's file."""
    if not env.get("DB_ADMIN_PASSWORD_FILE"):
        return None
    password = read_secret(env, "DB_ADMIN_PASSWORD_FILE", least_bytes=0).decode(errors="replace")
    user = read_text(env, "DB_ADMIN_USER", pattern=ACCOUNT, accepted="an account name", default="root")
    path = read_text(env, "DB_ADMIN_SOCKET", pattern=SOCKET, accepted="empty, or a socket's absolute path")
    return dataclasses.replace(server, user=user, password=password, socket=path or server.socket)


def read_backup_environment(env: Environment) -> BackupEnvironment:
    """Everything `programs.backup` needs. Raise ProgramError environment_invalid."""
    scope = read_choice(env, "SCOPE", choices=SCOPES, default="full")
    state = env.get("DESIRED_STATE_FILE") or None
    if state is not None and (not state.startswith("/") or not os.path.isfile(state)):
        raise make_environment_error("DESIRED_STATE_FILE", "empty, or the absolute path of an existing file")
    accepted = "a date and six hexadecimal digits, as 20261121T080000Z-5f3a9c"
    return BackupEnvironment(
        tenant=read_label(env, "TENANT"),
        instance=read_label(env, "INSTANCE"),
        backup_id=read_text(env, "BACKUP_ID", pattern=BACKUP_ID, accepted=accepted),
        backups_dir=read_directory(env, "BACKUPS_DIR", default="/backups"),
        work_dir=read_directory(env, "WORK_DIR"),
        scope=scope,
        mode=read_choice(env, "MODE", choices=MODES, default="hot"),
        codec=read_choice(env, "CODEC", choices=CODECS, default="gzip"),
        damaged_views=read_choice(env, "DAMAGED_VIEWS", choices=DAMAGED_VIEWS, default="refuse"),
        trees=read_trees(env, scope=scope),
        server=None if scope == "files" else read_server(env),
        manifest_key=read_secret(env, "MANIFEST_KEY_FILE", least_bytes=KEY_MIN_BYTES),
        desired_state_file=Path(state) if state else None,
        databases=read_data_sets(env).databases,
        figures=read_known_figures(env),
    )


def read_verify_environment(env: Environment) -> VerifyEnvironment:
    """Everything `programs.verify` needs. Raise ProgramError environment_invalid."""
    key = read_secret(env, "MANIFEST_KEY_FILE", least_bytes=KEY_MIN_BYTES) if env.get("MANIFEST_KEY_FILE") else None
    return VerifyEnvironment(
        set_dir=read_directory(env, "SET_DIR"),
        manifest_key=key,
        expected_tenant=read_label(env, "EXPECTED_TENANT") if env.get("EXPECTED_TENANT") else None,
    )


def read_restore_environment(env: Environment) -> RestoreEnvironment:
    """Everything `programs.restore` needs. Raise ProgramError environment_invalid."""
    scope = read_choice(env, "SCOPE", choices=SCOPES, default="full")
    server = None if scope == "files" else read_server(env)
    database = env.get("DATABASE") or None
    if database is not None and (server is None or database not in server.databases):
        raise make_environment_error("DATABASE", "empty, or one of DATABASES when SCOPE has databases")
    clone = read_choice(env, "CLONE", choices=("0", "1"), default="0") == "1"
    host = read_text(env, "SITE_HOST", pattern=HOST, accepted="a host name") if clone else None
    return RestoreEnvironment(
        tenant=read_label(env, "TENANT"),
        instance=read_label(env, "INSTANCE"),
        set_dir=read_directory(env, "SET_DIR"),
        work_dir=read_directory(env, "WORK_DIR"),
        scope=scope,
        trees=read_trees(env, scope=scope),
        server=server,
        administrator=None if server is None else read_administrator(env, server),
        database=database,
        manifest_key=read_secret(env, "MANIFEST_KEY_FILE", least_bytes=KEY_MIN_BYTES),
        expected_tenant=read_label(env, "EXPECTED_TENANT"),
        clone=clone,
        site_host=host,
    )
