"""Which server programs this machine has, and where; client and database server of the same vendor."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from domain.errors import CiviparoisseError

# An ordinary user's PATH leaves out the sbin directories, where Debian puts the servers.
SEARCH_PATH = os.pathsep.join(
    (os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin")
)
APACHE_MODULES = (Path("/usr/lib/apache2/modules"), Path("/usr/lib64/httpd/modules"))
VERSION_SECONDS = 20


@dataclass(frozen=True, slots=True)
class DatabasePrograms:
    """`vendor`: mariadb or mysql. `install` makes an empty data directory (None: `server --initialize-insecure`)."""

    vendor: str
    server: str
    client: str
    install: str | None


@dataclass(frozen=True, slots=True)
class WebPrograms:
    """Apache, its modules, and PHP as a module (`php_module`: path of libphp) and as a command."""

    server: str
    modules: Path
    php_module: Path
    php: str


def find_program(name: str, package: str) -> str:
    """Return the path of a program. Raise `missing_program` naming the Debian package that brings it."""
    path = shutil.which(name, path=SEARCH_PATH)
    if path is None:
        raise CiviparoisseError("missing_program", program=name, package=package)
    return path


@lru_cache
def find_database_programs() -> DatabasePrograms:
    """Return the database server of this machine, MariaDB first, with the client of the same vendor."""
    if shutil.which("mariadbd", path=SEARCH_PATH) is not None:
        return _find_mariadb("mariadbd")
    server = find_program("mysqld", "mariadb-server")
    answer = subprocess.run(
        [server, "--no-defaults", "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=False
    )
    if "mariadb" in answer.stdout.lower():
        return _find_mariadb("mysqld")
    return DatabasePrograms(vendor="mysql", server=server, client=find_program("mysql", "mysql-client"), install=None)


def _find_mariadb(server: str) -> DatabasePrograms:
    return DatabasePrograms(
        vendor="mariadb",
        server=find_program(server, "mariadb-server"),
        client=find_program("mariadb", "mariadb-client"),
        install=find_program("mariadb-install-db", "mariadb-server"),
    )


@lru_cache
def find_web_programs() -> WebPrograms:
    """Return Apache with the prefork and PHP modules, and the PHP command."""
    server = shutil.which("apache2", path=SEARCH_PATH) or find_program("httpd", "apache2")
    modules = next((directory for directory in APACHE_MODULES if directory.is_dir()), None)
    if modules is None or not (modules / "mod_mpm_prefork.so").exists():
        raise CiviparoisseError("missing_program", program="mod_mpm_prefork", package="apache2")
    php_modules = sorted(modules.glob("libphp*.so"), key=_version_of)
    if not php_modules:
        raise CiviparoisseError("missing_program", program="libphp", package="libapache2-mod-php")
    php_module = php_modules[-1]
    version = php_module.stem.removeprefix("libphp")
    php = shutil.which(f"php{version}", path=SEARCH_PATH) or find_program("php", "php-cli")
    return WebPrograms(server=server, modules=modules, php_module=php_module, php=php)


def _version_of(path: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", path.stem))
