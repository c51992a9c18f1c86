"""Every code of a request has its word, in both languages."""

import pytest
from django.db.models import TextChoices
from django.utils.translation import override

from domain import parish_requests
from domain.words import word
from parish_requests import choices


@pytest.mark.parametrize("name", ["Wish", "Cause", "RequestScope", "RequestState"])
def test_the_words_are_of_the_codes_of_the_vocabulary(name: str) -> None:
    assert set(getattr(choices, name).values) == {code.value for code in getattr(parish_requests, name)}


@pytest.mark.parametrize("words", [choices.Wish, choices.Cause, choices.RequestScope, choices.RequestState])
def test_each_word_is_its_own_in_both_languages(words: type[TextChoices]) -> None:
    told: dict[str, list[str]] = {}
    for language in ("en", "fr"):
        with override(language):
            told[language] = [str(member.label) for member in words]
            assert len(set(told[language])) == len(words)
    assert not set(told["en"]) & set(told["fr"])


def test_errors_name_states_of_requests_by_their_words() -> None:
    with override("en"):
        assert word("request_state", "submitted") == "waits for an answer of UEPAL"
