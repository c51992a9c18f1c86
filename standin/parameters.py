"""The environment of the init program: what the engine decided, read once and checked."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


class WrongEnvironment(Exception):
    """A variable is missing or refused. The text names it, never its value."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where things are. `db_dir`: the database volume; `socket`: of the private server that fills it."""

    db_dir: Path
    files_dir: Path
    private_dir: Path
    work_dir: Path
    socket: Path
    configuration: Path
    server: str
    client: str
    install: str
    result_file: Path


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """`parish`: the values of `config-init` (docs/domain.md#configuration); `secrets`: by name, out of their files."""

    places: Places
    host: str
    db_host: str
    db_port: int
    db_user: str
    mail_enabled: bool
    versions: Mapping[str, str]
    parish: Mapping[str, str]
    secrets: Mapping[str, str]


PARISH = (
    "PAROISSE_NAME",
    "PAROISSE_ADDR",
    "PAROISSE_CITY",
    "PAROISSE_PHONE",
    "PAROISSE_ZIPCODE",
    "PAROISSE_STREETNUMBER",
    "CIVI_DOMAIN",
    "MAILADMIN_ADDR",
    "MAILADMIN_NAME",
    "MAILADMIN_DESCR",
    "MAILSITE_ADDR",
    "MAILDOMAIN_ADDR",
    "MAILDOMAIN",
    "BOUNCE_LOCALPART",
    "BOUNCE_RETURNPATH",
)
SECRETS = (
    "DB_PASSWORD",
    "DB_ROOT_PASSWORD",
    "DRUPAL_ADMIN_USER",
    "DRUPAL_ADMIN_PASSWORD",
    "SITE_KEY",
    "CRED_KEY",
    "SIGN_KEY",
    "HASH_SALT",
)


def read_parameters(environment: Mapping[str, str] = os.environ) -> Parameters:
    """Return the checked parameters. Raise WrongEnvironment naming the first variable at fault."""

    def get(name: str) -> str:
        if name not in environment:
            raise WrongEnvironment(f"{name} is missing")
        return environment[name]

    host = get("SITE_HOST")
    if not HOST.fullmatch(host):
        raise WrongEnvironment("SITE_HOST is not a host name")
    if not get("DB_PORT").isdigit():
        raise WrongEnvironment("DB_PORT is not a number")
    places = Places(
        db_dir=Path(get("DB_DIR")),
        files_dir=Path(get("FILES_DIR")),
        private_dir=Path(get("PRIVATE_DIR")),
        work_dir=Path(get("WORK_DIR")),
        socket=Path(get("INIT_SOCKET")),
        configuration=Path(get("DB_CONFIGURATION")),
        server=get("DB_SERVER"),
        client=get("DB_CLIENT"),
        install=get("DB_INSTALL"),
        result_file=Path(get("RESULT_FILE")),
    )
    return Parameters(
        places=places,
        host=host,
        db_host=get("DB_HOST"),
        db_port=int(get("DB_PORT")),
        db_user=get("DB_USER"),
        mail_enabled=get("MAIL_ENABLED") == "1",
        versions={"civicrm": environment.get("CIVICRM_VERSION", ""), "drupal": environment.get("DRUPAL_VERSION", "")},
        parish={name: _without_controls(name, get(name)) for name in PARISH},
        secrets={name: _read_secret(name, get(f"{name}_FILE")) for name in SECRETS},
    )


def _read_secret(name: str, path: str) -> str:
    try:
        value = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise WrongEnvironment(f"{name}_FILE cannot be read: {error.strerror}") from error
    return _without_controls(name, value)


def _without_controls(name: str, value: str) -> str:
    if any(character < " " or character == "\x7f" for character in value):
        raise WrongEnvironment(f"{name} holds a control character")
    return value
