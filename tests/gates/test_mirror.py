"""Tests mirror the tree: a/b.py has tests/a/test_b.py."""

import ast
from pathlib import Path

from tests.gates.source import PACKAGES, ROOT, list_modules

# Module -> why it has no twin.
WITHOUT_TWIN = {
    "civiparoisse/apps.py": "wiring: every test that loads Django runs it",
    "civiparoisse/celery.py": "wiring: proven by the worker tests in tests/operations",
    "civiparoisse/settings.py": "wiring: loaded by every test",
    "civiparoisse/urls.py": "wiring: every page and API test goes through it",
    "civiparoisse/wsgi.py": "wiring: three lines of Django",
    "engine/base.py": "a protocol: tests/engine/contract.py is what every engine must pass",
}


def _has_code(path: Path) -> bool:
    """Return whether a module holds a function or a class with a body of its own."""
    tree = ast.parse((ROOT / path).read_text())
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body)


def _list_untested() -> list[str]:
    missing = []
    for path in list_modules(PACKAGES):
        if path.name in {"__init__.py", "apps.py", "models.py"} or not _has_code(path):
            continue
        if str(path) not in WITHOUT_TWIN and not (ROOT / "tests" / path.parent / f"test_{path.name}").exists():
            missing.append(f"{path} has no tests/{path.parent}/test_{path.name}")
    return missing


def test_every_module_has_its_test() -> None:
    assert _list_untested() == []


def test_every_exception_still_exists() -> None:
    assert [path for path in WITHOUT_TWIN if not (ROOT / path).exists()] == []
