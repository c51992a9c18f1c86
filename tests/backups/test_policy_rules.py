"""Lists of a policy: what is refused."""

import pytest
from django.core.exceptions import ValidationError

from backups.policy_rules import validate_hours, validate_weekdays


@pytest.mark.parametrize("value", [[0], [8], [1, 1], ["1"], [True], [1.0], "1", None, {"1": 1}, [[1]]])
def test_weekdays_are_different_numbers_from_one_to_seven(value: object) -> None:
    with pytest.raises(ValidationError):
        validate_weekdays(value)


@pytest.mark.parametrize("value", [[2], [5], [12], [22, 22], ["22"]])
def test_hours_are_those_of_the_night_and_never_two(value: object) -> None:
    with pytest.raises(ValidationError):
        validate_hours(value)


def test_what_is_right_passes() -> None:
    validate_weekdays([])
    validate_weekdays([7, 1])
    validate_hours([22, 0, 4])
