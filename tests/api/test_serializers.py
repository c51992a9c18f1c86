"""Bodies are taken at their word: what nobody knows is refused."""

from typing import Any

import pytest
from rest_framework import serializers

from api.serializers import FlagField, StrictSerializer, TextField


class _Outer(StrictSerializer):
    name = TextField()
    flag = FlagField(required=False)
    shown = serializers.CharField(read_only=True)


def test_known_fields_pass() -> None:
    body = _Outer(data={"name": "x"})
    assert body.is_valid() and body.validated_data == {"name": "x"}


def test_unknown_and_read_only_fields_are_named() -> None:
    body = _Outer(data={"name": "x", "nmae": "y", "shown": "z"})
    assert not body.is_valid()
    assert sorted(body.errors) == ["nmae", "shown"]


@pytest.mark.parametrize(("field", "value"), [("name", 1), ("name", True), ("flag", "true"), ("flag", 1), ("flag", [])])
def test_a_value_of_another_type_is_refused(field: str, value: Any) -> None:
    body = _Outer(data={"name": "x", field: value})
    assert not body.is_valid() and list(body.errors) == [field]


def test_half_of_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(serializers.ValidationError):
        TextField().run_validation("\ud800")
