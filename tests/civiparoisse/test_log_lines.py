"""A line is one object, in English, with what it belongs to and without a secret."""

import json
import logging
import sys

import pytest
from django.utils import translation

from civiparoisse.log_lines import JsonLine, TextLine
from domain.errors import NotFound
from domain.known_secrets import HIDDEN, remember
from domain.log_context import bind


def make_record(message: str, *arguments: object, raised: bool = False) -> logging.LogRecord:
    info = sys.exc_info() if raised else None
    return logging.LogRecord("operations", logging.WARNING, "file.py", 1, message, arguments, info)


def test_a_line_says_when_what_and_what_it_belongs_to() -> None:
    with bind(operation="op-1", instance="colmar", actor="anna", request="abcdef01"):
        line = json.loads(JsonLine().format(make_record("%s: it\nhappened “so”", "op-1")))
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "operations",
        "message": "op-1: it\nhappened “so”",
        "operation": "op-1",
        "instance": "colmar",
        "actor": "anna",
        "request": "abcdef01",
    }


def test_it_is_one_line_whatever_it_says() -> None:
    try:
        raise ValueError("first\nsecond\u2028third")
    except ValueError:
        text = JsonLine().format(make_record("a\r\nb", raised=True))
    assert "\n" not in text and "\r" not in text
    assert "ValueError: first" in json.loads(text)["traceback"]


@pytest.mark.parametrize("formatter", [JsonLine(), TextLine("%(message)s")], ids=["json", "text"])
def test_an_error_is_told_in_english_with_its_code(formatter: logging.Formatter) -> None:
    error = NotFound(what="backup", name="x")
    with translation.override("fr"):
        french, text = str(error), formatter.format(make_record("failed: %s", error))
    with translation.override(None):
        english = str(error)
    assert french != english
    assert english in text
    assert french not in text
    if isinstance(formatter, JsonLine):
        assert json.loads(text)["code"] == "not_found"


@pytest.mark.parametrize("formatter", [JsonLine(), TextLine("%(message)s")], ids=["json", "text"])
def test_no_secret_is_in_a_message_an_argument_or_a_traceback(formatter: logging.Formatter) -> None:
    secret = "never\"told'\\word"  # noqa: S105 - a made-up one
    remember(secret)
    try:
        raise ValueError(f"refused: {secret}")
    except ValueError as error:
        text = formatter.format(make_record("%s and %r", error, {"password": secret}, raised=True))
    assert "told" not in text
    assert HIDDEN in text
