"""The project's own source files, as git would list them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = (
    "api",
    "backups",
    "civiparoisse",
    "clusters",
    "console",
    "domain",
    "engine",
    "finops",
    "manifests",
    "operations",
    "programs",
    "standin",
    "tenants",
)
FOLDERS = (*PACKAGES, "bench", "scripts", "tests")


def list_modules(folders: tuple[str, ...] = FOLDERS) -> list[Path]:
    """Return every Python file below `folders`, relative to the root, migrations left out."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in files if "migrations" not in path.parts)
