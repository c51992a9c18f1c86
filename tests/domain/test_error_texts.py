"""Every error code has its texts, and nobody raises a code without."""

import ast
import re
from collections.abc import Iterator

import pytest

from domain.error_texts import TEXTS, ErrorText, add_texts
from tests.gates.source import PACKAGES, ROOT, list_modules

PLACE = re.compile(r"%(?!\(\w+\)s|%)")
ERRORS = {"CiviparoisseError", "InstanceBusy", "NotFound", "InvalidValue", "EngineUnavailable", "ProgramFailed"}


def _list_raised_codes() -> Iterator[tuple[str, str]]:
    """Yield (code, place) of every code written out in a call of an error class."""
    for path in list_modules(PACKAGES):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value, f"{path}:{node.lineno}"


def test_every_code_that_is_raised_has_texts() -> None:
    raised = list(_list_raised_codes())
    assert len(raised) > 20
    assert [place for code, place in raised if code not in TEXTS] == []


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_texts_have_named_places_only_and_an_http_status_of_a_refusal(code: str) -> None:
    text = TEXTS[code]
    assert not PLACE.search(str(text.message)) and not PLACE.search(str(text.hint))
    assert 400 <= text.status < 600
    assert re.fullmatch(r"[a-z][a-z0-9_]{2,63}", code)


def test_no_message_ends_without_a_full_stop_or_what_another_program_said() -> None:
    ends = {code: str(text.message) for code, text in TEXTS.items()}
    assert [code for code, message in ends.items() if not message.endswith((".", ")s", "?"))] == []


def test_a_code_has_one_text_whoever_brings_it() -> None:
    text = TEXTS["not_found"]
    add_texts({"not_found": text})
    with pytest.raises(ValueError, match="not_found"):
        add_texts({"not_found": ErrorText("Something else.")})
    assert TEXTS["not_found"] is text
