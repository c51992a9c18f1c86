"""Plain questions to a cluster's API for looks at it: what is not there is empty, what is refused is a finding."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.findings import Finding, Level

NOT_FOUND = 404
# (method, path, query or body) -> (HTTP status, document); no exception but CiviparoisseError.
Ask = Callable[[str, str, Mapping[str, Any]], tuple[int, dict[str, Any]]]


class Refused(Exception):
    """The API answered with an error; `finding` says so."""

    def __init__(self, status: int, what: str) -> None:
        self.finding = Finding(code="look_refused", level=Level.WARNING, params={"what": what, "status": status})
        super().__init__(what)


def get_document(ask: Ask, path: str, what: str, **query: str) -> dict[str, Any]:
    """Return a document, {} when there is none. Raise Refused for any other answer."""
    status, document = ask("GET", path, query)
    if status == NOT_FOUND:
        return {}
    if status >= 400:
        raise Refused(status, what)
    return document


def find_class(classes: list[dict[str, Any]], name: str | None, mark: str) -> dict[str, Any] | None:
    """Return the class called `name`; for None the one that is marked as the default."""
    for storage_class in classes:
        if name is None:
            if (storage_class["metadata"].get("annotations") or {}).get(mark) == "true":
                return storage_class
        elif storage_class["metadata"]["name"] == name:
            return storage_class
    return None
