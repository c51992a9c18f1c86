"""Every package says what it is for and what to open first, and the picture of the architecture is the code's."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.gates.source import PACKAGES, ROOT

LONGEST = 6
FILE = re.compile(r"\b[\w/]+\.py\b")


def list_packages() -> list[Path]:
    """Return the folders of packages, migrations and commands left out."""
    folders = [path.parent for package in PACKAGES for path in (ROOT / package).rglob("__init__.py")]
    return sorted(path.relative_to(ROOT) for path in folders if not {"migrations", "management"} & set(path.parts))


def read_picture() -> list[set[str]]:
    """Return the packages of each floor of the picture in docs/architecture.md, the highest first."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    picture = text.split("```")[1]
    floors = [line.split("#")[0] for line in picture.splitlines() if "/" in line]
    return [set(re.findall(r"([a-z_]+)/", floor)) for floor in floors]


@pytest.mark.parametrize("package", list_packages(), ids=str)
def test_a_package_says_what_it_holds(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text())) or ""
    assert 1 <= len(docstring.splitlines()) <= LONGEST, f"{package}/__init__.py: one to {LONGEST} lines"
    if len(package.parts) == 1:
        assert "Open" in docstring and "May import:" in docstring and "Tests:" in docstring, package


@pytest.mark.parametrize("package", list_packages(), ids=str)
def test_what_a_package_names_is_there(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text())) or ""
    missing = [
        name
        for name in FILE.findall(docstring)
        if not any(
            (place / name).exists() for place in (ROOT / package, ROOT / package.parts[0], ROOT, *ROOT.glob("tests/*"))
        )
    ]
    assert missing == []


def test_the_picture_shows_every_package_on_its_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers" and "containers" not in one)
    floors = [{name.strip() for name in layer.split("|")} for layer in layers]
    shown = read_picture()
    assert [floor for floor in shown if floor & set().union(*floors)] == floors
    assert set().union(*shown) >= set(PACKAGES)
