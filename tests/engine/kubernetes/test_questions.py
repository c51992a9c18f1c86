"""What is not there is empty, what is refused is a finding with its status."""

from collections.abc import Mapping
from typing import Any

import pytest

from domain.findings import Level
from engine.kubernetes.questions import Refused, find_class, get_document
from tests.clusters.api_server import name_object

MARK = "is-default"


def test_an_answer_is_the_document_and_its_absence_an_empty_one() -> None:
    asked: list[tuple[str, str, Mapping[str, Any]]] = []

    def ask(method: str, path: str, content: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        asked.append((method, path, content))
        return (200, {"items": [1]}) if path == "/there" else (404, {"kind": "Status"})

    assert get_document(ask, "/there", "Thing", limit="1") == {"items": [1]}
    assert get_document(ask, "/gone", "Thing") == {}
    assert asked[0] == ("GET", "/there", {"limit": "1"})


def test_a_refusal_says_what_could_not_be_read() -> None:
    with pytest.raises(Refused) as refused:
        get_document(lambda *_asked: (403, {}), "/there", "StorageClass")
    assert refused.value.finding.params == {"what": "StorageClass", "status": 403}
    assert refused.value.finding.level is Level.WARNING


def test_a_class_is_found_by_its_name_or_as_the_default() -> None:
    classes = [name_object("slow"), name_object("fast", annotations={MARK: "true"})]
    assert find_class(classes, None, MARK) == classes[1]
    assert find_class(classes, "slow", MARK) == classes[0]
    assert find_class(classes, "other", MARK) is None and find_class(classes[:1], None, MARK) is None
