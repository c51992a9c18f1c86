"""What programs report has a meaning in every language."""

import ast

from domain.program_texts import ADVICE, CAUSES, PROGRESS, PROGRESS_OF
from tests.gates.source import ROOT

ERRORS = {"ProgramError", "InitialisationFailed", "_make_failure"}


def _list_reported_codes() -> set[str]:
    """Every code written out in an error of programs/ and standin/."""
    codes = set()
    for path in (*(ROOT / "programs").rglob("*.py"), *(ROOT / "standin").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "code")]
                constants = [value for argument in given for value in ast.walk(argument)]
                codes |= {c.value for c in constants if isinstance(c, ast.Constant) and isinstance(c.value, str)}
    return codes


def test_every_code_of_a_program_has_a_meaning_and_an_advice() -> None:
    reported = _list_reported_codes()
    assert len(reported) > 35
    # A beginning such as “damaged_” is completed by the kind of the object.
    known = {code for code in reported if code in CAUSES or any(known.startswith(code) for known in CAUSES)}
    assert sorted(reported - known) == []
    assert set(CAUSES) == set(ADVICE)


def _list_told() -> set[tuple[str, bool]]:
    """Every message of a program's progress written out, and whether something follows it; all of one that is built."""
    told: set[tuple[str, bool]] = set()
    for path in (*(ROOT / "programs").rglob("*.py"), *(ROOT / "standin").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "report_progress":
                message = node.args[1]
                for part in (message.body, message.orelse) if isinstance(message, ast.IfExp) else (message,):
                    if isinstance(part, ast.Constant):
                        told.add((str(part.value), False))
                    elif isinstance(part, ast.JoinedStr):
                        first = part.values[0]
                        told.add((str(first.value) if isinstance(first, ast.Constant) else "", True))
                    else:
                        told.add((ast.unparse(part), False))
    return told


def test_every_message_of_progress_has_its_own_words() -> None:
    """A beginning alone is not enough: "loading the databases" would be half English after "loading "."""
    told = _list_told()
    assert len(told) > 35
    assert sorted(text for text, goes_on in told if text not in (PROGRESS_OF if goes_on else PROGRESS)) == []
