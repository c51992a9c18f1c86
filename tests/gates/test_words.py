"""Names that say nothing are refused, and no text names a place outside the project."""

import re

from tests.gates.source import ROOT, list_modules

FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}
# Hosts of package registries: files must work with whatever registry the machine is set up for.
REGISTRY = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|deb\.debian\.org|proxy\.golang|crates\.io")


def test_no_file_is_called_utils_or_the_like() -> None:
    assert [str(path) for path in list_modules() if path.stem in FORBIDDEN_NAMES] == []


def test_no_file_names_a_registry() -> None:
    suffixes = {".py", ".toml", ".txt", ".md", ".sh", ".yaml", ".yml", ""}
    folders = [ROOT, ROOT / ".ci", ROOT / "docs", ROOT / "scripts"]
    files = [path for folder in folders for path in folder.glob("*") if path.is_file() and path.suffix in suffixes]
    named = [path.name for path in files if path.name != "uv.lock" and REGISTRY.search(path.read_text())]
    assert named == []
