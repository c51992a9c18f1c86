"""What the schema says of a value is what its parser accepts, both ways."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.looks import PARAMETER_LOOKS, format_class
from domain.parameters import PARAMETERS, validate_value
from tests.domain.test_values import HOSTILE, LIKELY, TEXTS

EDGES = [
    "", " ", "a" * 300, "+33 (0)3.88.00-00/00", "0033 3 88 00 00 00", "+3312", "+34 612 345 678", "+49 12345678",
    "+331234567890", "a@b", "a@1.2", "a@b.1", "a" * 65 + "@b.fr", "a" * 64 + "@b.fr", "1.2.3.4", "1.2.3.256",
    "01.2.3.4",
    "a.1", "1-2", "A.B", "a--b", "www", "kube-x", "ns1", "x-sandbox", "sandbox", "INBOX.x", "x.", "é", "Ǆ", "ƻ", "×",
    "\u00a0a", "l'eau", "a\n", "\ud800", " a", "a ", "p\u00a0w", "😀", "\ue000", "civi.", "00000", "0",
    "+0033388000000",
]  # fmt: skip


def _accepts(name: str, value: Any) -> bool:
    try:
        validate_value(name, value)
    except InvalidValue:
        return False
    return True


def _matches(look: dict[str, Any], text: str) -> bool:
    return re.fullmatch(look["pattern"], text) is not None and len(text) <= look.get("maxLength", 10**6)


TEXT_NAMES = [name for name, make_look in PARAMETER_LOOKS.items() if make_look()["type"] == "string"]


@pytest.mark.parametrize("name", TEXT_NAMES)
@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(text=TEXTS | st.sampled_from(EDGES) | st.text(alphabet=HOSTILE + "0123456789.@-", max_size=20))
def test_a_text_is_accepted_when_it_looks_so(name: str, text: str) -> None:
    look = PARAMETER_LOOKS[name]()
    if _matches(look, text):
        assert _accepts(name, text)
    elif _accepts(name, text):  # only what is made shorter, or composed, before it is judged
        is_longer = len(text) > look.get("maxLength", 10**6)
        assert is_longer or not unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize("name", TEXT_NAMES)
@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_whatever_is_made_by_the_look_is_accepted(name: str, data: st.DataObject) -> None:
    look = PARAMETER_LOOKS[name]()
    text = data.draw(st.from_regex(re.compile(look["pattern"]), fullmatch=True))
    if len(text) <= look.get("maxLength", 10**6):
        assert _accepts(name, text)


@pytest.mark.parametrize("name", TEXT_NAMES)
@pytest.mark.parametrize("text", EDGES + LIKELY)
def test_the_edges_agree(name: str, text: str) -> None:
    assert _matches(PARAMETER_LOOKS[name](), text) == _accepts(name, text)


@pytest.mark.parametrize("name", ["smtp_port", "imap_port"])
def test_numbers_agree(name: str) -> None:
    look = PARAMETER_LOOKS[name]()
    for number in (-1, 0, 1, 587, 65535, 65536):
        assert _accepts(name, number) == (look["minimum"] <= number <= look["maximum"])


def test_every_parameter_has_its_look() -> None:
    assert set(PARAMETER_LOOKS) == set(PARAMETERS)


def test_a_class_holds_what_it_is_made_of() -> None:
    characters = set("abcz]^-\\é")
    inside = re.compile(f"[{format_class(characters)}]")
    assert {chr(code) for code in range(0x200) if inside.fullmatch(chr(code))} == characters
