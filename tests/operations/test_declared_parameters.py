"""A parameter is declared once: what is none of its values is refused by its name."""

import pytest

from domain.errors import InvalidValue
from operations.declared_parameters import Parameter, ParameterType, check_parameters

DECLARED = (
    Parameter(name="words", is_required=True, length=9),
    Parameter(name="loud", type=ParameterType.FLAG, default=True),
    Parameter(
        name="tune", type=ParameterType.CHOICE, choices=(("high", "High"), ("low", "Low")), default=lambda: "low"
    ),
    Parameter(name="times", type=ParameterType.NUMBER, least=2, most=4),
    Parameter(name="names", type=ParameterType.TEXTS, most=2, instead_of="times"),
)


def test_defaults_are_filled_in_and_what_has_none_is_left_out() -> None:
    assert check_parameters(DECLARED, {"words": "a"}) == {"words": "a", "loud": True, "tune": "low"}
    given = {"words": "a", "loud": False, "tune": "high", "times": 4}
    assert check_parameters(DECLARED, given) == given
    assert check_parameters(DECLARED, {"words": "a", "tune": "", "times": None}) == check_parameters(
        DECLARED, {"words": "a"}
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("words", None),
        ("words", ""),
        ("words", 3),
        ("words", ["a"]),
        ("loud", "yes"),
        ("loud", 1),
        ("tune", "middle"),
        ("times", 1),
        ("times", 5),
        ("times", True),
        ("times", "3"),
        ("names", []),
        ("names", "a"),
        ("names", [1]),
        ("names", ["a", "b", "c"]),
        ("volume", 3),
    ],
)
def test_what_is_none_of_its_values_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_parameters(DECLARED, {"words": "a", name: value})
    assert refused.value.params["field"] == name


def test_of_two_that_exclude_each_other_one_is_given_and_the_other_has_no_default() -> None:
    assert "times" not in check_parameters(DECLARED, {"words": "a", "names": ["b"]})
    with pytest.raises(InvalidValue) as refused:
        check_parameters(DECLARED, {"words": "a", "names": ["b"], "times": 3})
    assert refused.value.params["field"] == "times"
