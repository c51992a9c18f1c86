"""The project's own source files, as git would list them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = (
    "api",
    "backups",
    "campaigns",
    "civiparoisse",
    "clusters",
    "console",
    "domain",
    "engine",
    "finops",
    "manifests",
    "offsite",
    "operations",
    "parish_requests",
    "parish_site",
    "programs",
    "recovery",
    "standin",
    "tenants",
    "watch",
)
FOLDERS = (*PACKAGES, "bench", "scripts", "tests")


def list_modules(folders: tuple[str, ...] = FOLDERS) -> list[Path]:
    """Return every Python file below `folders`, relative to the root, migrations left out."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in files if "migrations" not in path.parts)


def list_texts() -> list[Path]:
    """Return every file that people write and read, relative to the root: sources, templates, documents."""
    suffixes = {".py", ".md", ".html", ".sh", ".yaml", ".toml", ".php"}
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [Path(line) for line in listed.stdout.splitlines()]
    return sorted(path for path in paths if path.suffix in suffixes and (ROOT / path).is_file())
