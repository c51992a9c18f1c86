"""What programs report has a meaning in every language."""

import ast

from domain.program_texts import ADVICE, CAUSES
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
