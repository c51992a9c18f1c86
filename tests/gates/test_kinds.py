"""A kind of operation has one home: nobody names functions by text, kinds by what they are not, or steps of others."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from operations.registry import list_kinds
from tests.gates.source import PACKAGES, ROOT, list_modules

DOTTED = re.compile(
    r"(?:api|backups|civiparoisse|clusters|domain|engine|finops|manifests|operations|tenants)(?:\.\w+)+:\w+"
)
# Django's own way to name what it loads before any app is ready.
SETTINGS = frozenset(
    map(Path, ("civiparoisse/settings.py", "civiparoisse/queue_settings.py", "civiparoisse/appearance.py"))
)
STEP_LOOKUPS = frozenset({"get", "filter", "exclude"})


def parse() -> Iterator[tuple[Path, ast.Module]]:
    for path in list_modules(PACKAGES):
        yield path, ast.parse((ROOT / path).read_text())


def test_no_function_is_named_by_a_dotted_text() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in parse()
        if path not in SETTINGS
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value)
    ]
    assert found == []


def test_no_set_of_kinds_is_written_as_all_but_some() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in parse()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and any(isinstance(argument, ast.Name) and argument.id == "OperationKind" for argument in node.args)
    ]
    assert found == [], "OperationKind is no list: derive the set from fields (operations.registry.select_codes)"


def test_no_set_of_kinds_is_listed_outside_of_declarations() -> None:
    """Two kinds named in one set, list, tuple or as keys of one table: what they have in common is a field."""

    def names_kind(node: ast.AST | None) -> bool:
        return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "OperationKind"

    found = [
        f"{path}:{node.lineno}"
        for path, tree in parse()
        for node in ast.walk(tree)
        if isinstance(node, ast.Set | ast.List | ast.Tuple | ast.Dict)
        and sum(map(names_kind, node.keys if isinstance(node, ast.Dict) else node.elts)) > 1
    ]
    assert found == []


def test_no_step_is_looked_up_by_its_name() -> None:
    """A step is known by its function (operations.steps.failures) or by a field of its definition."""
    names = {step.name for kind in list_kinds() for step in kind.steps}
    found = [
        f"{path}:{node.lineno}"
        for path, tree in parse()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _looks_up(node, names)
    ]
    assert found == []


def _looks_up(call: ast.Call, names: set[str]) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in STEP_LOOKUPS:
        return False
    steps = function.value
    is_steps = isinstance(steps, ast.Attribute) and steps.attr == "steps"
    texts = [keyword.value for keyword in call.keywords if keyword.arg == "name"]
    return is_steps and any(isinstance(text, ast.Constant) and text.value in names for text in texts)
