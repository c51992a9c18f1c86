"""The order in which people look for names: letters first, accents and capitals only between equals, signs never."""

import re
import unicodedata

from domain.names import FOLDED

SIGNS = re.compile(r"[^0-9a-z]+")


def make_sort_key(text: str) -> tuple[str, str]:
    """Return what to sort `text` by, for any list that people see: Saint-Étienne comes before Saint-Paul, and
    «L’Étang» beside «Letang». Pure; the same on every machine and database."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(FOLDED))
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return SIGNS.sub("", letters), text
