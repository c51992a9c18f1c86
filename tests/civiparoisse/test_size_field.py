"""Sizes with their unit in forms."""

import pytest
from django.core.exceptions import ValidationError

from civiparoisse.size_field import SizeField


def test_a_size_is_shown_with_its_unit_and_read_back() -> None:
    field = SizeField()
    assert field.prepare_value(1536 * 1024**2) == "1536 Mi"
    assert field.prepare_value("what was typed") == "what was typed"
    assert field.clean("1,5 Gi") == 1536 * 1024**2
    assert not field.has_changed(1536 * 1024**2, "1,5 Gio")
    assert field.has_changed(1536 * 1024**2, "1 Gi") and field.has_changed(1536 * 1024**2, "nonsense")


@pytest.mark.parametrize("typed", ["", "1 GB", "9000000 Ti"])
def test_a_wrong_size_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        SizeField().clean(typed)
