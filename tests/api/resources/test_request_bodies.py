"""What is sent with a request: lines of text as people type them, and nothing that no keyboard writes."""

from typing import Any

import pytest

from api.resources.request_bodies import ApprovalBody, ContactBody, NewContactBody, NewRequestBody, SaidBody, UndoBody

HOW = {"channel": "par téléphone"}


@pytest.mark.parametrize("text", ["x", "une\nligne\tet une autre", "  é ", "’«»€"])
def test_what_people_type_is_taken_as_it_is(text: str) -> None:
    body = SaidBody(data={"text": text})
    assert body.is_valid() and body.validated_data["text"] == text


@pytest.mark.parametrize("text", ["", " \n\t", "\x00", "a\x1bb", 7, None, ["x"], "x" * 2001])
def test_what_says_nothing_or_is_no_text_is_refused(text: Any) -> None:
    assert not SaidBody(data={"text": text}).is_valid()


@pytest.mark.parametrize("digest", ["0" * 63, "0" * 65, "G" * 64, "A" * 64, ""])
def test_an_approval_names_what_was_seen_and_nothing_shorter(digest: str) -> None:
    assert ApprovalBody(data={"preview_sha256": "0f" * 32}).is_valid()
    assert not ApprovalBody(data={"preview_sha256": digest}).is_valid()


def test_an_undo_is_asked_by_its_own_address_and_how_it_was_asked_is_needed() -> None:
    asked = {"instance": "saint-paul", "wish": "help", **HOW}
    assert NewRequestBody(data=asked).is_valid() and UndoBody(data=HOW).is_valid()
    assert not NewRequestBody(data={**asked, "wish": "undo"}).is_valid()
    assert not NewRequestBody(data={"instance": "saint-paul", "wish": "help"}).is_valid()
    assert not UndoBody(data={}).is_valid()


def test_an_address_does_not_change_and_a_flag_is_one() -> None:
    assert ContactBody(data={"name": "Jeanne"}).is_valid()
    assert not ContactBody(data={"mail": "other@example.org"}).is_valid()
    new = {"tenant": "saint-paul", "name": "Jeanne", "mail": "jeanne@example.org"}
    assert NewContactBody(data={**new, "may_ask": False}).is_valid()
    assert not NewContactBody(data={**new, "may_ask": "false"}).is_valid()
