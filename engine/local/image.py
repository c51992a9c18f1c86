"""The local engine's "image": a read-only copy of the programs, where the instances' account can read them."""

import hashlib
import os
import shutil
import sys
import uuid
from pathlib import Path

from domain.errors import CiviparoisseError

PACKAGES = ("programs", "standin")
SOURCES = Path(__file__).resolve().parents[2]
SUFFIXES = frozenset({".py", ".php", ".sql"})
SYSTEM_PYTHON = "/usr/bin/python3"


def find_python() -> str:
    """Return a Python that the instances' account can execute: ours lies perhaps in a closed home directory."""
    if os.geteuid() != 0:
        return sys.executable
    if not os.access(SYSTEM_PYTHON, os.X_OK):
        raise CiviparoisseError("missing_program", program=SYSTEM_PYTHON, package="python3")
    return SYSTEM_PYTHON


def ensure_image(root: Path, package: str, sources: Path = SOURCES) -> Path:
    """Copy `package` below root/image/<package>-<hash of its sources> unless it is there; return that directory,
    fit for PYTHONPATH. Never changed once made: running jobs keep the programs they started with."""
    files = _read_sources(sources / package)
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    image = root / "image" / f"{package}-{digest.hexdigest()[:16]}"
    if image.is_dir():
        return image
    image.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    partial = image.parent / f".partial-{uuid.uuid4().hex}"
    for name, content in files:
        path = partial / package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)
    for directory, _, _ in os.walk(partial):
        os.chmod(directory, 0o755)
    try:
        partial.rename(image)
    except OSError:  # another process was first: the content is the same
        shutil.rmtree(partial)
    return image


def _read_sources(package: Path) -> list[tuple[str, bytes]]:
    paths = sorted(path for path in package.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    if not paths:
        raise CiviparoisseError("missing_program", program=str(package), package="civiparoisse-manager")
    return [(path.relative_to(package).as_posix(), path.read_bytes()) for path in paths]


def ensure_tool(root: Path, name: str) -> str:
    """Return the path of a program that came with our libraries, where the instances' account can execute it. Raise
    `missing_program`."""
    found = shutil.which(
        name, path=os.pathsep.join((str(Path(sys.prefix) / "bin"), os.environ.get("PATH", os.defpath)))
    )
    if found is None:
        raise CiviparoisseError("missing_program", program=name, package=name)
    source = Path(found).resolve()
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in source.parents):
        return str(source)
    facts = source.stat()
    tool = root / "image" / f"{name}-{facts.st_size:x}-{facts.st_mtime_ns:x}"
    if not tool.exists():
        tool.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        partial = tool.parent / f".partial-{uuid.uuid4().hex}"
        shutil.copyfile(source, partial)
        partial.chmod(0o555)
        partial.rename(tool)
    return str(tool)
