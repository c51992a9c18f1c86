"""A private MySQL server, of the packages that the tests' images are made of: what production runs."""

import os
import subprocess
import tarfile
from pathlib import Path

from tests.servers import DATABASES, MariaDbServer

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "civiparoisse-cluster"
PROGRAMS = ("usr/sbin/mysqld", "usr/bin/mysql", "usr/bin/mysqldump")
PLACES = ("./usr/lib/x86_64-linux-gnu/", "./usr/lib/mysql/", "./usr/share/mysql/")
INITIALISE_SECONDS = 120


def find_layer() -> Path:
    """The newest layer of the images that holds the server; tests/cluster/images/make makes it."""
    cache = Path(os.environ.get("CIVIPAROISSE_CLUSTER_CACHE") or CACHE)
    return max((cache / "images").glob("site-*.tar"), key=lambda path: path.stat().st_mtime)


def unpack_programs(root: Path) -> Path:
    """Unpack the programs and what they need below ``root``; return the directory of commands that run them."""
    wanted = tuple(f"./{name}" for name in PROGRAMS)
    with tarfile.open(find_layer()) as layer:
        members = [item for item in layer if item.name in wanted or item.name.startswith(PLACES)]
        layer.extractall(root / "packages", members, filter="tar")
    commands = root / "bin"
    commands.mkdir()
    library = root / "packages/usr/lib"
    loader = library / "x86_64-linux-gnu/ld-linux-x86-64.so.2"
    for name in PROGRAMS:
        path = commands / Path(name).name
        libraries = f"{library}/x86_64-linux-gnu:{library}/mysql/private"
        path.write_text(f'#!/bin/sh\nexec {loader} --library-path {libraries} {root}/packages/{name} "$@"\n')
        path.chmod(0o755)
    return commands


class MySqlServer(MariaDbServer):
    """One mysqld; used as the MariaDB server of the other tests is."""

    def __init__(self, root: Path) -> None:
        """``root``: an empty directory for all of it."""
        self.commands = unpack_programs(root)
        self.home = root / "server"
        self.home.mkdir(mode=0o700)
        self.datadir, self.tmpdir, self.socket = self.home / "data", self.home / "tmp", self.home / "s"
        self.tmpdir.mkdir()
        self.port, self.options, self.process = 0, (), None
        command = [*self._make_common(), "--initialize-insecure"]
        subprocess.run(command, check=True, capture_output=True, timeout=INITIALISE_SECONDS)

    def _make_common(self) -> list[str]:
        packages = self.commands.parent / "packages"
        places = {"datadir": self.datadir, "lc-messages-dir": packages / "usr/share/mysql"}
        places |= {"plugin-dir": packages / "usr/lib/mysql/plugin", "tmpdir": self.tmpdir}
        user = ["--user=root"] if os.geteuid() == 0 else []
        return [str(self.commands / "mysqld"), "--no-defaults", *user, *(f"--{k}={v}" for k, v in places.items())]

    def _make_command(self) -> list[str]:
        settings = {"socket": self.socket, "pid-file": self.home / "pid", "port": self.port, "bind-address": self.host}
        settings |= {"character-set-server": "utf8mb4", "collation-server": "utf8mb4_unicode_ci", "mysqlx": "OFF"}
        settings |= {"max-allowed-packet": "1G", "event-scheduler": "OFF", "secure-file-priv": "NULL"}
        settings |= {"log-bin-trust-function-creators": 1, "innodb-buffer-pool-size": "64M"}
        switches = ("--skip-name-resolve", "--skip-log-bin")
        return [*self._make_common(), *switches, *(f"--{name}={value}" for name, value in settings.items())]

    def reset(self, *, password: str) -> None:
        """Make the three databases anew and empty, and exploitant@'%' with all rights on those only."""
        names = [row[0] for row in self.execute("SHOW DATABASES")]
        kept = {"information_schema", "mysql", "performance_schema", "sys"}
        self.execute("SET SESSION foreign_key_checks=0", *(f"DROP DATABASE `{n}`" for n in names if n not in kept))
        others = "user NOT IN ('root') AND user NOT LIKE 'mysql.%'"
        accounts = self.execute(f"SELECT user, host FROM mysql.user WHERE {others}")
        self.execute("DO 0", *(f"DROP USER `{user}`@`{host}`" for user, host in accounts))
        self.execute(*(f"CREATE DATABASE {name}" for name in DATABASES))
        self.execute(f"CREATE USER exploitant@'%' IDENTIFIED BY '{password}'")
        self.execute(*(f"GRANT ALL ON {name}.* TO exploitant@'%'" for name in DATABASES))
