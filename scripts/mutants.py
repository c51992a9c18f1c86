"""Changes one expression at a time in chosen modules and tells which change no test notices: `make test-mutants`.

Each mutant is run in a copy of the project, with the tests that tests/mutants.toml names for its module. A survivor is
either a missing test or listed there with the reason why no test can notice it. Exit 1 when a module has a survivor
that is not listed, or fewer than SHARE_KILLED of its mutants were killed.
"""

import argparse
import ast
import copy
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = ROOT / "tests" / "mutants.toml"
SHARE_KILLED = 0.9
MUTANT_SECONDS = 300
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
    """One changed module. `change`: "function: before -> after", the same however the lines of the file move."""

    path: Path
    change: str
    source: str


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
            mutants[shown] = Mutant(path, shown, changed)
            setattr(node, field, kept)
    return list(mutants.values())


def _find_dropped(before: list[ast.stmt], after: object) -> ast.stmt:
    assert isinstance(after, list)
    return next(statement for statement, new in zip(before, after, strict=True) if statement is not new)


def copy_project(place: Path) -> Path:
    """Copy what git lists, with the virtual environment as a link; return the copy."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    subprocess.run([sys.executable, "scripts/compile_texts.py"], cwd=place, check=True)
    return place


def is_killed(mutant: Mutant, project: Path, tests: list[str]) -> bool:
    """Run the tests on the mutant in a copy of the project; return whether one failed, or none ended in time."""
    path = project / mutant.path
    original = path.read_text()
    path.write_text(mutant.source)
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(command, cwd=project, timeout=MUTANT_SECONDS, capture_output=True).returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(original)


def refuse_red(project: Path, tests: dict[str, list[str]]) -> None:
    """Raise SystemExit when the tests of a module fail without any change: then they would "kill" everything."""
    for path, named in tests.items():
        same = Mutant(Path(path), "nothing", (project / path).read_text())
        if is_killed(same, project, named):
            raise SystemExit(f"{path}: its tests fail without a change: {' '.join(named)}")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _run(mutants: list[Mutant], tests: dict[str, list[str]], *, workers: int) -> list[Mutant]:
    """Return the survivors. Each worker has a copy of the project."""
    with tempfile.TemporaryDirectory() as place:
        projects: Queue[Path] = Queue()
        for number in range(workers):
            projects.put(copy_project(Path(place) / str(number)))

        refuse_red(projects.queue[0], tests)

        def survives(mutant: Mutant) -> bool:
            project = projects.get()
            try:
                killed = is_killed(mutant, project, tests[str(mutant.path)])
            finally:
                projects.put(project)
            _say("." if killed else f"\nsurvived: {mutant.path} {mutant.change}\n")
            return not killed

        with ThreadPoolExecutor(workers) as pool:
            told = list(pool.map(survives, mutants))
    _say("\n")
    return [mutant for mutant, survived in zip(mutants, told, strict=True) if survived]


def _judge(path: str, mutants: list[Mutant], survivors: list[Mutant], known: dict[str, str]) -> bool:
    """Print a module's line; return whether it is as it should be."""
    mine = [mutant for mutant in mutants if str(mutant.path) == path]
    alive = [mutant for mutant in survivors if str(mutant.path) == path]
    unknown = [mutant for mutant in alive if mutant.change not in known]
    share = 1 - len(alive) / len(mine) if mine else 1.0
    _say(f"{path}: {len(mine)} mutants, {share:.0%} killed, {len(unknown)} survivors without a reason\n")
    return share >= SHARE_KILLED and not unknown


def main() -> int:
    """Run the mutants of every module, or of those named; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="only these, e.g. domain/states.py")
    parser.add_argument("--most", type=int, default=40, help="mutants per module, drawn by the seed (default: 40)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    entries = tomllib.loads(CONFIGURATION.read_text())["module"]
    entries = [entry for entry in entries if not options.modules or entry["path"] in options.modules]
    _say(f"seed {options.seed}\n")
    draw = random.Random(options.seed)
    mutants: list[Mutant] = []
    for entry in entries:
        every = list_mutants(Path(entry["path"]), (ROOT / entry["path"]).read_text())
        mutants += draw.sample(every, min(options.most, len(every)))
    tests = {entry["path"]: entry["tests"] for entry in entries}
    survivors = _run(mutants, tests, workers=options.workers)
    verdicts = [_judge(entry["path"], mutants, survivors, entry.get("survivors", {})) for entry in entries]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
