"""The environment of an init program, without an engine."""

import os
from pathlib import Path

from engine.local.vendor import find_database_programs
from standin.parameters import PARISH, SECRETS

PASSWORD = "p'\"\\$x é%/@:#"


def make_environment(home: Path) -> dict[str, str]:
    """Return a whole environment below `home`, whose directories it makes; programs are those of the machine."""
    programs = find_database_programs()
    for name in ("db", "files", "private", "work", "secrets"):
        (home / name).mkdir(exist_ok=True)
    for name in SECRETS:
        (home / "secrets" / name).write_text(PASSWORD + name)
    parish = {name: f"{name} d'Étupes \"<&>\\" for name in PARISH}
    secrets = {f"{name}_FILE": str(home / "secrets" / name) for name in SECRETS}
    # The engine runs init as an ordinary account; here a server of root's must be told that it may.
    account = "user=root\n" if os.geteuid() == 0 else ""
    # A tmpdir of its own: a server that starts removes every temporary table below its own, whose ever it is.
    options = f"character-set-server=utf8mb4\ninnodb-log-file-size=8M\nskip-name-resolve\ntmpdir={home}/work\n"
    (home / "my.cnf").write_text(f"[mysqld]\n{account}{options}")
    return {
        **parish,
        **secrets,
        "SITE_HOST": "www.saint-paul.example.org",
        "DB_HOST": "127.0.0.1",
        "DB_PORT": "23000",
        "DB_USER": "exploitant",
        "MAIL_ENABLED": "1",
        "CIVICRM_VERSION": "5.61.1",
        "DB_DIR": str(home / "db"),
        "FILES_DIR": str(home / "files"),
        "PRIVATE_DIR": str(home / "private"),
        "WORK_DIR": str(home / "work"),
        "INIT_SOCKET": str(home / "work" / "s"),
        "DB_CONFIGURATION": str(home / "my.cnf"),
        "DB_SERVER": programs.server,
        "DB_CLIENT": programs.client,
        "DB_INSTALL": programs.install or "",
        "RESULT_FILE": str(home / "result.json"),
    }
