"""Versions compared by their numbers, and only where both are known."""

import pytest

from domain.versions import find_downgrade, parse_version


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5.61.1", (5, 61, 1)),
        ("9.5.9-rc1", (9, 5, 9)),
        ("8.0", (8,)),
        ("8.0.0", (8,)),
        ("0", (0,)),
        ("latest", None),
        ("", None),
        ("v5", None),
    ],
)
def test_a_version_is_the_numbers_it_begins_with(text: str, numbers: tuple[int, ...] | None) -> None:
    assert parse_version(text) == numbers


@pytest.mark.parametrize(
    ("present", "wanted", "older"),
    [
        ({"civicrm": "5.9.0"}, {"civicrm": "5.61.1"}, None),
        ({"civicrm": "5.61.1"}, {"civicrm": "5.9"}, "civicrm"),
        ({"civicrm": "5.61.1", "drupal": "9.5.9"}, {"civicrm": "5.62", "drupal": "9.5.8"}, "drupal"),
        ({"civicrm": "5.61"}, {"civicrm": "5.61.0"}, None),
        ({"civicrm": "latest"}, {"civicrm": "1"}, None),
        ({"civicrm": "5"}, {"drupal": "1"}, None),
        ({"a": "2", "b": "2"}, {"a": "1", "b": "1"}, "a"),
    ],
)
def test_a_downgrade_is_found_where_both_versions_are_known(
    present: dict[str, str], wanted: dict[str, str], older: str | None
) -> None:
    assert find_downgrade(present, wanted) == older
