"""Whether a text that people read in French has English in it: by English words that no French text of ours uses."""

import gettext
import re
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import django

from tests.gates.source import ROOT

WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
# Names that are the same in every language: commands, options, settings, paths, addresses, identifiers, places,
# references of requests (any of their signs may make a word).
NAMES = re.compile(
    r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b|"
    r"%\(\w+\)[.\d]*[a-z]|\{\w*\}|<[^>]*>|https?://\S+|[\w.-]*[_/=][\w./=-]*|--[\w-]+|\b[A-Z]{2,}\b|\w+\.\w+"
)
# Small words of English that are no French ones.
SMALL = frozenset(
    "the of and is are was were with from for this that these those not to it its by has have had been being which who"
    " whom whose when where what why how you your yours we our they their them he she his her all any each every none"
    " nothing something some than then there here can cannot must should shall would could will before after during"
    " between into onto only other others another same such since until while because about above below over under"
    " again once most least few many much too very just also else does did done without within through down".split()
)
# Programs, names that are typed, and what a person typed.
HIDDEN = {"script", "style", "code", "pre", "kbd", "textarea"}
EMPTY = {"input", "img", "br", "hr", "meta", "link", "source", "wbr", "path", "circle", "line", "rect", "use"}


@lru_cache
def list_english_words() -> frozenset[str]:
    """Return the words of our English texts that no French one of ours or Django's has, and the small ones."""
    own = _read(ROOT / "locale/fr/LC_MESSAGES/django.mo")
    others = {}
    for place in ("conf", "contrib/admin", "contrib/auth", "contrib/contenttypes", "contrib/sessions"):
        others |= _read(Path(django.__file__).parent / place / "locale/fr/LC_MESSAGES/django.mo")
    english = {word for text in own for word in list_words(text) if len(word) > 3}
    french = {word for text in [*own.values(), *others.values()] for word in list_words(text)}
    return SMALL | (english - french)


def _read(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    named = {key[0] if isinstance(key, tuple) else str(key): str(text) for key, text in catalogue.items()}
    return {key.rpartition("\x04")[2]: text for key, text in named.items() if key}


def list_words(text: str) -> list[str]:
    """Return the words of a text in small letters, without the names that are the same in every language."""
    return [word.lower().replace("'", "’") for word in WORD.findall(NAMES.sub(" ", text))]


def find_english(text: str) -> list[str]:
    """Return the English words of a text; none where it is French."""
    return [word for word in list_words(text) if word in list_english_words()]


class PageTexts(HTMLParser):
    """Collects what a person reads or hears of a page: texts, titles, labels, buttons; no code, nothing hidden."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element, and take the texts that its attributes hold."""
        values = dict(attrs)
        hidden = tag in HIDDEN or values.get("aria-hidden") == "true" or values.get("translate") == "no"
        hidden = hidden or "material-symbols-outlined" in (values.get("class") or "")  # a script hides the icons
        if tag not in EMPTY:
            self._open.append((tag, hidden))
        told = [values.get(name) for name in ("title", "aria-label", "placeholder", "alt")]
        if tag == "input" and values.get("type") in ("submit", "button"):
            told.append(values.get("value"))
        if not hidden:
            self.texts += [text for text in told if text]

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, with those that were never closed."""
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position][0] == tag:
                del self._open[position:]
                break

    def handle_data(self, data: str) -> None:
        """Take a text that is read."""
        if data.strip() and not any(hidden for _tag, hidden in self._open):
            self.texts.append(" ".join(data.split()))


def list_page_texts(page: str) -> list[str]:
    """Return what a person reads or hears of a page."""
    reader = PageTexts()
    reader.feed(page)
    return reader.texts
