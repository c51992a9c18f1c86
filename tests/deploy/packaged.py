"""Programs of Debian packages that would start a service when installed: taken out of the package, into a cache."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "civiparoisse-programs"
DOWNLOAD_SECONDS = 240


def find_program(package: str, name: str) -> str:
    """Return the path of a program: this machine's own, else out of the Debian package."""
    own = shutil.which(name)
    if own:
        return own
    folder = CACHE / package
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _unpack(package, folder)
    return str(folder / "usr/bin" / name)


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
