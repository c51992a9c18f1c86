"""Texts of findings are made when they are shown."""

import ast
import json
import re

from domain.finding_texts import TEXTS, finding_as_dict, render_finding
from domain.findings import Finding, Level
from tests.gates.source import ROOT, list_modules

PLACE = re.compile(r"%(?!\(\w+\)s|%)")


def _list_strings() -> set[str]:
    """Return every text written out where findings are made."""
    found = set()
    for path in (*list_modules(("clusters", "engine", "offsite")), "domain/room.py"):
        nodes = ast.walk(ast.parse((ROOT / path).read_text()))
        found |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found


def test_every_place_is_named() -> None:
    assert [code for code, text in TEXTS.items() if PLACE.search(f"{text.message}{text.hint}")] == []


def test_every_text_is_somebody_s() -> None:
    assert sorted(set(TEXTS) - _list_strings()) == []


def test_places_are_filled_and_an_unknown_code_is_its_own_text() -> None:
    message, hint = render_finding("version_old", {"version": "v1.28.0", "least": "1.29"})
    assert "v1.28.0" in message and hint
    assert render_finding("odd", {}) == ("odd", "")


def test_a_finding_is_stored_as_codes_and_values() -> None:
    finding = Finding(code="version_supported", level=Level.OK, params={"version": "v1.36.3"})
    stored = json.loads(json.dumps(finding_as_dict(finding)))
    assert stored == {"code": "version_supported", "level": "ok", "params": {"version": "v1.36.3"}}
