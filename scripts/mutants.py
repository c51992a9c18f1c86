"""Changes one expression at a time in chosen modules and tells which change no test notices: `make test-mutants`.

Each mutant (scripts/mutations.py) is tried in a copy of the project (scripts/mutant_trials.py) with the tests that
tests/mutants.toml names for its module. A survivor is either a missing test or listed there with the reason why no
test can notice it. Exit 1 when a module has a survivor that is not listed, or when fewer than SHARE_KILLED of its
mutants were killed.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.mutations import Mutant, list_mutants  # noqa: E402 - run as a file, the project is not on the path yet

CONFIGURATION = ROOT / "tests" / "mutants.toml"
SHARE_KILLED = 0.9


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
    subprocess.run([sys.executable, "-m", "compileall", "-q", "."], cwd=place, check=True)
    return place


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def try_mutants(mutants: list[Mutant], project: Path, path: str, tests: list[str]) -> list[Mutant]:
    """Run the tests on each mutant of one module in a copy of the project; return the survivors.

    Raise SystemExit when the tests fail without any change (then they would "kill" everything), or tell nothing.
    """
    job = {
        "path": path,
        "tests": tests,
        "mutants": [{"change": mutant.change, "source": mutant.source, "line": mutant.line} for mutant in mutants],
    }
    # In short places: the sockets of the servers that tests start have a longest path.
    with tempfile.TemporaryDirectory(prefix="cp-", dir="/tmp") as place:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment |= {"CIVIPAROISSE_TEST_DIR": place, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, str(ROOT / "scripts" / "mutant_trials.py")]
        running = subprocess.Popen(
            command, cwd=project, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert running.stdin is not None and running.stdout is not None
        with running:
            running.stdin.write(json.dumps(job))
            running.stdin.close()
            killed = _read_results(running.stdout, path)
    if set(killed) != {mutant.change for mutant in mutants}:
        raise SystemExit(f"{path}: not every mutant was tried")
    return [mutant for mutant in mutants if not killed[mutant.change]]


def _read_results(lines: Iterable[str], path: str) -> dict[str, bool]:
    """Show each result as it comes; return by change whether it was killed."""
    killed: dict[str, bool] = {}
    for line in lines:
        result = json.loads(line)
        if result.get("green") is False:
            raise SystemExit(f"{path}: its tests fail without a change")
        if "change" in result:
            killed[result["change"]] = result["killed"]
            _say("." if result["killed"] else f"\nsurvived: {path} {result['change']}\n")
    return killed


def _run(mutants: dict[str, list[Mutant]], tests: dict[str, list[str]], *, workers: int) -> dict[str, list[Mutant]]:
    """Return the survivors by module. Each worker has a copy of the project and its share of every module's mutants."""
    with tempfile.TemporaryDirectory() as place:
        projects = [copy_project(Path(place) / str(number)) for number in range(workers)]

        def run_share(number: int) -> dict[str, list[Mutant]]:
            return {
                path: try_mutants(every[number::workers], projects[number], path, tests[path])
                for path, every in mutants.items()
                if every[number::workers]
            }

        with ThreadPoolExecutor(workers) as pool:
            shares = list(pool.map(run_share, range(workers)))
    _say("\n")
    return {path: [mutant for share in shares for mutant in share.get(path, [])] for path in mutants}


def _judge(path: str, mutants: list[Mutant], survivors: list[Mutant], known: dict[str, str]) -> bool:
    """Print a module's line; return whether it is as it should be."""
    unknown = [mutant for mutant in survivors if mutant.change not in known]
    share = 1 - len(survivors) / len(mutants) if mutants else 1.0
    _say(f"{path}: {len(mutants)} mutants, {share:.0%} killed, {len(unknown)} survivors without a reason\n")
    return share >= SHARE_KILLED and not unknown


def main() -> int:
    """Run the mutants of every module, or of those named; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="only these, e.g. domain/states.py")
    parser.add_argument("--most", type=int, help="mutants per module, drawn by the seed (default: every one)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    entries = tomllib.loads(CONFIGURATION.read_text())["module"]
    entries = [entry for entry in entries if not options.modules or entry["path"] in options.modules]
    _say(f"seed {options.seed}\n")
    draw = random.Random(options.seed)
    mutants: dict[str, list[Mutant]] = {}
    for entry in entries:
        every = list_mutants(Path(entry["path"]), (ROOT / entry["path"]).read_text())
        mutants[entry["path"]] = draw.sample(every, min(options.most or len(every), len(every)))
    survivors = _run(mutants, {entry["path"]: entry["tests"] for entry in entries}, workers=options.workers)
    verdicts = [
        _judge(path, mutants[path], survivors[path], entry.get("survivors", {}))
        for entry in entries
        for path in [entry["path"]]
    ]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
