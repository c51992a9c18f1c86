"""What the manager declares of figures is read strictly by a look, and a backup does without what is wrong."""

import json

import pytest

from programs.run.failures import ProgramError
from programs.run.figures import Figure, Since, read_figures, read_known_figures, read_since
from tests.programs.civicrm_tables import CODES, FIGURES

CONTACTS = {"database": "civicrm", "table": "civicrm_contact", "key": "id"}


def test_the_blueprint_declares_what_can_be_counted() -> None:
    figures = read_figures({"FIGURES": FIGURES})
    assert tuple(figures) == CODES
    assert figures["users"] == Figure("drupal", "users_field_data", "uid", "uid > 0", "", "changed", 1)
    assert figures["contributions"].sum == "total_amount"
    assert read_figures({}) == {} == read_known_figures({"FIGURES": ""})


@pytest.mark.parametrize(
    "wrong",
    [
        "no document",
        "[]",
        json.dumps({"contacts": {**CONTACTS, "of_tomorrow": "x"}}),
        json.dumps({"contacts": {"database": "civicrm", "table": "civicrm_contact"}}),
        json.dumps({"contacts": {**CONTACTS, "where": "1; DROP TABLE x"}}),
        json.dumps({"contacts": {**CONTACTS, "where": "id = 'a"}}),
        json.dumps({"contacts": {**CONTACTS, "where": "id = 1 -- no more"}}),
        json.dumps({"contacts": {**CONTACTS, "where": "id = 1 /* x"}}),
        json.dumps({"contacts": {**CONTACTS, "where": "id = \\ 1"}}),
        json.dumps({"contacts": {**CONTACTS, "table": "a.b"}}),
        json.dumps({"contacts": {**CONTACTS, "key": "id`"}}),
        json.dumps({"contacts": {**CONTACTS, "repeats": 2}}),
        json.dumps({"Contacts": CONTACTS}),
        json.dumps({"files": CONTACTS}),
        json.dumps({f"figure_{chr(97 + number)}": CONTACTS for number in range(17)}),
    ],
)
def test_what_is_wrong_stops_a_look_and_no_backup(wrong: str) -> None:
    with pytest.raises(ProgramError) as refused:
        read_figures({"FIGURES": wrong})
    assert refused.value.code == "environment_invalid"
    assert read_known_figures({"FIGURES": wrong}) == {}


def test_the_other_side_is_its_moment_and_its_highest_keys() -> None:
    assert read_since({}) is None
    assert read_since({"SINCE": '{"at": 5, "last": {"contacts": 7}}'}) == Since(5, {"contacts": 7})
    for wrong in ('{"at": 5}', '{"at": "5", "last": {}}', '{"at": 5, "last": {"contacts": "7 OR 1"}}', "x"):
        with pytest.raises(ProgramError):
            read_since({"SINCE": wrong})
