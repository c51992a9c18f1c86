"""Texts for people: marked here as English msgids, translated when shown by whoever shows them.

The vocabulary knows no catalogue: pages, the API and commands install theirs once (`install_translator`, called by
civiparoisse/apps.py); without one, texts stay English. `scripts/collect_texts.py` finds them under the names `_` and
`pgettext`: import `mark as _`, `mark_in_context as pgettext`, or, where the words are needed at once, `translate as _`.
"""

from collections.abc import Callable
from dataclasses import dataclass

Translator = Callable[[str, str], str]


def _keep(msgid: str, context: str) -> str:  # noqa: ARG001 - a translator's signature
    return msgid


_translator: Translator = _keep


@dataclass(frozen=True, slots=True)
class Text:
    """A msgid with its context ("" for none); `str()` of it, or filling its places with %, gives words in the language
    of that moment."""

    msgid: str
    context: str = ""

    def __str__(self) -> str:
        return _translator(self.msgid, self.context)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __mod__(self, places: object) -> str:
        return str(self) % places


def mark(msgid: str) -> Text:
    """Return `msgid` as a text to be translated when it is shown."""
    return Text(msgid)


def mark_in_context(context: str, msgid: str) -> Text:
    """Return `msgid` as a text to be translated when it is shown, where one word has several senses."""
    return Text(msgid, context)


def translate(msgid: str) -> str:
    """Return `msgid` in the active language."""
    return _translator(msgid, "")


def install_translator(translator: Translator) -> None:
    """Have texts translated by `translator`, which takes a msgid and its context ("" for none), from now on."""
    global _translator
    _translator = translator
