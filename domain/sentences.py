"""Sentences that were made in English, by logs or libraries, in the language of whoever reads them now."""

import re
from collections.abc import Sequence
from functools import cache

from domain.texts import Text

PLACE = re.compile(r"%\((\w+)\)s")


def find_sentence(sentence: str, texts: Sequence[Text]) -> tuple[Text, dict[str, str]] | None:
    """Return the first of `texts` that made `sentence`, with what stands in its named places; None if none did."""
    for text in texts:
        match = _make_pattern(text.msgid).fullmatch(sentence)
        if match is not None:
            return text, match.groupdict()
    return None


def translate_sentence(sentence: str, texts: Sequence[Text]) -> str:
    """Return an English sentence in the active language where it was made of one of `texts`; else as it is."""
    found = find_sentence(sentence, texts)
    return sentence if found is None else str(found[0]) % found[1]


@cache
def _make_pattern(msgid: str) -> re.Pattern[str]:
    parts = PLACE.split(msgid)
    pieces = (f"(?P<{part}>.*)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
    return re.compile("".join(pieces), re.DOTALL)
