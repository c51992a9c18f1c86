"""What was chosen is told by the labels and words that the declaration has."""

from django.utils.translation import override

from operations.choices import describe_choices, list_choices, word_value
from operations.declared_parameters import Parameter, ParameterType
from operations.registry import get_kind
from tests.operations.sample_kind import KIND


def test_what_says_something_is_told_in_the_order_of_the_declaration() -> None:
    given = {"word": "", "quietly": True, "times": 3, "colour": "blue", "unknown": 1}
    with override("en"):
        assert list_choices(KIND, given) == [("Mode", "new"), ("Files", "3"), ("Cron", "yes")]
        assert describe_choices(KIND, "saint-paul", given)[:2] == ["Resume: saint-paul.", "Mode: new."]


def test_a_confirmation_is_no_choice_and_a_label_for_afterwards_goes_first() -> None:
    with override("en"):
        told = dict(list_choices(get_kind("delete"), {"final_backup": False, "purge_backups": True, "confirm": "x"}))
        assert told == {"Final backup first": "no", "Backups deleted too": "yes"}


def test_several_texts_stand_in_a_row() -> None:
    assert word_value(Parameter(name="names", type=ParameterType.TEXTS), ["a", "b"]) == "a, b"
