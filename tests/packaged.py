"""Programs that are not installed: taken out of their package into a cache. Debian's that would start a service when
installed, and npm's, whose packages are named with their hashes in a lock file."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "civiparoisse-programs"
DOWNLOAD_SECONDS = 240


def find_program(package: str, name: str, *, folder: str = "usr/bin") -> str:
    """Return the path of a program: this machine's own, else out of that folder of the Debian package."""
    own = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    return own or str(_ensure(package, lambda place: _unpack(package, place)) / folder / name)


def find_node_program(locked: Path, name: str) -> str:
    """Return the path of a program of the npm packages that `locked` names (package.json and package-lock.json)."""
    digest = hashlib.sha256((locked / "package-lock.json").read_bytes()).hexdigest()[:16]
    return str(_ensure(f"{locked.name}-{digest}", lambda place: _install(locked, place)) / "node_modules/.bin" / name)


def _ensure(kept_as: str, make: Callable[[Path], None]) -> Path:
    """Return a folder of the cache, made whole or not at all, by one run at a time."""
    folder = CACHE / kept_as
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            make(folder)
    return folder


def _install(locked: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=CACHE) as place:
        content = Path(place) / "content"
        shutil.copytree(locked, content)
        _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=str(content))
        content.rename(folder)


def _unpack(package: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=CACHE) as place:
        try:
            _run("apt-get", "--quiet", "download", package, cwd=place)
        except AssertionError:
            # A machine that was never told what the mirror has, or long ago.
            _run("apt-get", "--quiet", "update", cwd=place)
            _run("apt-get", "--quiet", "download", package, cwd=place)
        (archive,) = Path(place).glob("*.deb")
        _run("dpkg-deb", "--extract", str(archive), "content", cwd=place)
        (Path(place) / "content").rename(folder)


def _run(*command: str, cwd: str) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
