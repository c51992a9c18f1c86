"""What the schema says of a parish's body is what is read, to the type."""

from typing import Any

import pytest

from api.tenant_bodies import CHANGED, NEW, looks_right, make_bodies, refer_to
from domain.parameters import PARAMETERS, REQUIRED_FIELDS


def test_a_new_parish_needs_what_has_no_default_and_a_changed_one_nothing() -> None:
    bodies = make_bodies()
    assert set(bodies[NEW]["required"]) == REQUIRED_FIELDS and "required" not in bodies[CHANGED]
    for body in bodies.values():
        assert set(body["properties"]) == set(PARAMETERS) and body["additionalProperties"] is False
        assert body["properties"]["smtp_password"]["writeOnly"] is True
    assert refer_to(NEW)["application/json"]["$ref"].endswith(NEW)


@pytest.mark.parametrize(
    ("name", "value", "is_right"),
    [
        ("smtp_port", 587, True),
        ("smtp_port", "587", False),
        ("imap_use_ssl", False, True),
        ("imap_use_ssl", "no", False),
        ("city", "Colmar", True),
        ("city", "E\u0301pinal", False),  # decomposed
        ("city", 67, False),
        ("postcode", "67000\n", False),
        ("nobody", object(), True),
    ],
)
def test_the_type_and_the_form_are_those_of_the_schema(name: str, value: Any, is_right: bool) -> None:
    assert looks_right(name, value) is is_right
