"""A sentence is found by the text that made it, whatever stands in its places."""

import pytest
from django.utils import translation

from domain.sentences import find_sentence, translate_sentence
from domain.texts import Text

TEXTS = (Text("failed, tried again later: %(error)s"), Text("failed: %(error)s"), Text("done"))


@pytest.mark.parametrize(
    ("sentence", "msgid", "places"),
    [
        ("failed: no space\nleft (100 %)", "failed: %(error)s", {"error": "no space\nleft (100 %)"}),
        ("failed, tried again later: x", "failed, tried again later: %(error)s", {"error": "x"}),
        ("done", "done", {}),
    ],
)
def test_the_first_text_that_fits_is_it(sentence: str, msgid: str, places: dict[str, str]) -> None:
    assert find_sentence(sentence, TEXTS) == (Text(msgid), places)


def test_what_no_text_made_is_as_it_is() -> None:
    for sentence in ("done.", "", "it failed: x"):
        assert find_sentence(sentence, TEXTS) is None
        assert translate_sentence(sentence, TEXTS) == sentence


def test_it_is_told_in_the_language_of_that_moment() -> None:
    with translation.override("fr"):
        assert translate_sentence("failed: disque", TEXTS).replace("\u00a0", " ") == "échec : disque"
    with translation.override("en"):
        assert translate_sentence("failed: disque", TEXTS) == "failed: disque"
