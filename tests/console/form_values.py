"""What a browser would send back for a form of a page, as it stands."""

from html.parser import HTMLParser

IGNORED = {"submit", "button", "image", "reset", "file"}


class FormReader(HTMLParser):
    """Collects the values of the form with the given id."""

    def __init__(self, form: str) -> None:
        super().__init__(convert_charrefs=True)
        self.form, self.inside = form, False
        self.values: dict[str, list[str]] = {}
        self._select: str | None = None
        self._first_option: str | None = None
        self._is_chosen = False
        self._many = False
        self._area: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter the form, take an input's value, begin a list or a text."""
        values = dict(attrs)
        if tag == "form":
            self.inside = values.get("id") == self.form
        if not self.inside or "disabled" in values:
            return
        name, value = values.get("name"), values.get("value")
        if tag == "input" and name and values.get("type", "text") not in IGNORED:
            if values.get("type") not in ("checkbox", "radio"):
                self._add(name, value or "")
            elif "checked" in values:
                self._add(name, "on" if value is None else value)
        elif tag == "select" and name:
            self._select, self._first_option, self._is_chosen, self._many = name, None, False, "multiple" in values
        elif tag == "option" and self._select:
            self._first_option = self._first_option if self._first_option is not None else value or ""
            if "selected" in values:
                self._is_chosen = True
                self._add(self._select, value or "")
        elif tag == "textarea" and name:
            self._area, self._text = name, ""

    def handle_endtag(self, tag: str) -> None:
        """Leave the form, end a list or a text."""
        if tag == "form":
            self.inside = False
        elif tag == "select" and self._select:
            if not self._is_chosen and not self._many and self._first_option is not None:
                self._add(self._select, self._first_option)
            self._select = None
        elif tag == "textarea" and self._area:
            # A browser drops the line break that follows the tag.
            self._add(self._area, self._text.removeprefix("\n"))
            self._area = None

    def handle_data(self, data: str) -> None:
        """Take the text of a textarea."""
        if self._area:
            self._text += data

    def _add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


def read_form(page: str, form: str) -> dict[str, list[str]]:
    """Return the values of the form called `form` in a page: all that a browser would send, buttons apart."""
    reader = FormReader(form)
    reader.feed(page)
    return reader.values
