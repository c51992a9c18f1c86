"""Bodies of requests that begin operations, made of what their kinds declare."""

import pytest

from api.operation_bodies import make_body, make_field
from operations.declared_parameters import Parameter, ParameterType
from operations.registry import get_kind, list_kinds


def test_every_body_has_the_parameters_that_its_kind_offers_and_requires_what_it_must() -> None:
    for kind in list_kinds():
        fields = make_body(kind)().fields
        assert list(fields) == [parameter.name for parameter in kind.list_offered()]
        for parameter in kind.list_offered():
            confirmed = parameter.name == "confirm" and kind.is_destructive
            assert fields[parameter.name].required is (parameter.is_required or confirmed)
            assert fields[parameter.name].help_text == parameter.summary


@pytest.mark.parametrize(
    ("body", "fault"),
    [({}, "plan"), ({"plan": 3}, "plan"), ({"plan": "a", "over_capacity": "yes"}, "over_capacity"), ({"x": 1}, "x")],
)
def test_what_is_not_declared_so_is_refused(body: dict[str, object], fault: str) -> None:
    checked = make_body(get_kind("resize"))(data=body)
    assert not checked.is_valid() and fault in checked.errors


def test_a_number_has_its_limits() -> None:
    field = make_field(Parameter(name="times", type=ParameterType.NUMBER, least=2, most=4), is_required=False)
    assert (field.min_value, field.max_value) == (2, 4)  # type: ignore[attr-defined]
