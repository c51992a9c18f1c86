"""Lists the mutants of a module for scripts/mutants.py: one expression is changed or one statement left out in each."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
}
NAMES = {"max": "min", "min": "max", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed module. `change`: "function: before -> after", the same however the lines of the file move.

    `line`: where it is in the module as it stands.
    """

    path: Path
    change: str
    source: str
    line: int


def _list_edits(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Yield (field, new value) for each way to change this one node."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in OPERATORS:
            yield "ops", [OPERATORS[type(operator)]()]
        case ast.BoolOp(op=operator) | ast.BinOp(op=operator) if type(operator) in OPERATORS:
            yield "op", OPERATORS[type(operator)]()
        case ast.UnaryOp(op=ast.Not()):
            yield "op", ast.UAdd()
        case ast.Constant(value=bool(value)):
            yield "value", not value
        case ast.Constant(value=int(value)):
            yield "value", value + 1
        case ast.Call(func=ast.Name(id=name)) if name in NAMES:
            yield "func", ast.Name(NAMES[name], ast.Load())
        case ast.Set(elts=members) | ast.List(elts=members):
            for place in range(len(members)):
                yield "elts", [*members[:place], *members[place + 1 :]]
        case ast.If():
            yield "test", ast.Constant(False)
            yield "test", ast.Constant(True)
            yield from _drop_statements(node.body)
        case ast.FunctionDef(body=body) | ast.With(body=body) | ast.For(body=body):
            yield from _drop_statements(body)


def _drop_statements(body: list[ast.stmt]) -> Iterator[tuple[str, object]]:
    """Yield the body without each statement that only acts: a call, a raise, an assignment to an attribute."""
    for place, statement in enumerate(body):
        acts = isinstance(statement, ast.Raise) or (
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        )
        if acts or (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Attribute)):
            yield "body", [*body[:place], ast.Pass(), *body[place + 1 :]]


def _walk(node: ast.AST, name: str = "module") -> Iterator[tuple[str, ast.AST]]:
    """Yield every node with the name of the function that it is in; what annotates or decorates is left out."""
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                inside = child.name if isinstance(child, ast.FunctionDef) else name
                yield inside, child
                yield from _walk(child, inside)


def _write(node: ast.AST) -> str:
    """Return a node's source in one line, cut where it is long."""
    return " ".join(ast.unparse(node).split())[:160]


def list_mutants(path: Path, source: str) -> list[Mutant]:
    """Return every mutant of a module, each with the whole changed source."""
    tree = ast.parse(source)
    mutants: dict[str, Mutant] = {}
    for name, node in list(_walk(tree)):
        for field, value in _list_edits(node):
            before, kept = _write(node), getattr(node, field)
            setattr(node, field, value)
            after = _write(node) if field != "body" else f"without {_write(_find_dropped(kept, value))}"
            shown = f"{name}: {before} -> {after}" if field != "body" else f"{name}: {after}"
            changed = ast.unparse(ast.fix_missing_locations(copy.deepcopy(tree)))
            times = sum(known.partition(" #")[0] == shown for known in mutants)
            shown = f"{shown} #{times + 1}" if times else shown
            mutants[shown] = Mutant(path, shown, changed, _find_line(node, kept, value))
            setattr(node, field, kept)
    return list(mutants.values())


def _find_line(node: ast.AST, before: object, after: object) -> int:
    """Return the line that runs when the change is run: the dropped statement's own, else the node's."""
    if (
        isinstance(before, list)
        and isinstance(after, list)
        and isinstance(node, (ast.If, ast.FunctionDef, ast.With, ast.For))
    ):
        return _find_dropped(before, after).lineno
    assert isinstance(node, (ast.expr, ast.stmt))
    return node.lineno


def _find_dropped(before: list[ast.stmt], after: object) -> ast.stmt:
    assert isinstance(after, list)
    return next(statement for statement, new in zip(before, after, strict=True) if statement is not new)
