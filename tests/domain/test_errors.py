"""Errors keep their code and parameters; texts are made when they are shown."""

import pytest
from django.utils import translation

from domain.error_texts import TEXTS
from domain.errors import CiviparoisseError, EngineUnavailable, InstanceBusy, format_text, render_error, word_cause


def test_an_error_says_what_happened_and_what_to_do() -> None:
    with translation.override("en"):
        error = InstanceBusy(instance="saint-paul", operation="op-1", kind="backup")
        assert "saint-paul" in str(error) and "op-1" in error.message and "operation_cancel op-1" in error.hint


def test_a_code_without_texts_is_found_at_once() -> None:
    with pytest.raises(KeyError):
        CiviparoisseError("no_such_code")


def test_whether_to_try_again_comes_from_the_texts_unless_said() -> None:
    assert EngineUnavailable(instance="x", detail="").retryable
    assert not EngineUnavailable(retryable=False, instance="x", detail="").retryable


def test_a_missing_parameter_never_hides_the_error() -> None:
    assert format_text("of %(tenant)s: %(missing)s", {"tenant": "saint-paul"}) == "of saint-paul: ?"
    for code in TEXTS:
        render_error(code, {})


def test_a_stored_error_of_an_unknown_code_shows_as_itself() -> None:
    assert render_error("from_a_newer_version", {}) == ("from_a_newer_version", "")


def test_a_cause_is_a_few_words_of_ours() -> None:
    full = {"code": "no_space", "message": "<b>of an instance</b>", "hint": "of a program"}
    for code, params in (("program_failed", full), ("safety_backup_failed", {"cause": "no_space"}), ("no_space", {})):
        with translation.override("en"):
            cause, advice = word_cause(code, params)
        assert cause == "there is not enough room" and "enlarge the volume" in advice
    assert word_cause("from_a_newer_version", {"message": "x"}) == ("", "")


def test_a_stored_error_is_told_in_the_language_of_who_reads_it() -> None:
    params = {"instance": "saint-paul", "operation": "op-1", "kind": "backup"}
    with translation.override("en"):
        english = render_error("instance_busy", params)
    with translation.override("fr"):
        french = render_error("instance_busy", params)
    assert english != french and "saint-paul" in english[0] and "saint-paul" in french[0]
