"""Settings about images are judged at the door."""

import pytest

from clusters.image_values import parse_digests, parse_mirror
from domain.errors import InvalidValue

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize("text", ["", "mirror.example", "mirror.example:5000/uepal", "10.0.0.1/a/b-c", "m.example/a/"])
def test_a_registry_and_a_path_are_taken(text: str) -> None:
    assert parse_mirror("image_mirror", text) == text.rstrip("/")


@pytest.mark.parametrize("text", ["https://m.example", "m example", "a/../b", "A.example", "m.example/a:1", 5])
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(InvalidValue):
        parse_mirror("image_mirror", text)


def test_digests_are_of_names_without_one() -> None:
    assert parse_digests("image_digests", {"busybox:latest": DIGEST}) == {"busybox:latest": DIGEST}
    for wrong in ({"a": "sha256:12"}, {f"a@{DIGEST}": DIGEST}, {"": DIGEST}, {"a b": DIGEST}, [], {"a": 5}):
        with pytest.raises(InvalidValue):
            parse_digests("image_digests", wrong)
