"""All parameters of a parish at once."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CiviparoisseError, InvalidValue
from domain.parameters import (
    PARAMETERS,
    REQUIRED_FIELDS,
    SECRET_FIELDS,
    list_adjustments,
    validate_tenant,
    validate_value,
)
from tests.parishes import make_parish


def refuse(data: dict[str, Any]) -> CiviparoisseError:
    with pytest.raises(CiviparoisseError) as caught:
        validate_tenant(data)
    assert caught.value.code == "invalid_tenant"
    assert caught.value.params["count"] == len(caught.value.params["fields"])
    json.dumps(caught.value.params)
    return caught.value


def list_refused(data: dict[str, Any]) -> list[str]:
    return [fault["field"] for fault in refuse(data).params["fields"]]


def test_the_least_that_is_needed_gets_its_defaults() -> None:
    given_only = {name: value for name, value in make_parish().items() if name in REQUIRED_FIELDS}
    recorded = validate_tenant(given_only)
    assert set(recorded) == set(PARAMETERS)
    assert (recorded["smtp_port"], recorded["imap_port"], recorded["imap_folder"]) == (587, 993, "INBOX")
    assert recorded["imap_use_ssl"] is True
    assert recorded["smtp_host"] == recorded["smtp_password"] == recorded["verp_localpart"] == ""


def test_what_was_recorded_is_recorded_again_unchanged() -> None:
    recorded = validate_tenant(make_parish(name="Paroisse de l'Ascension", phone="03 88 00 00 00"))
    assert recorded["name"] == "Paroisse de l’Ascension"
    assert validate_tenant(recorded) == recorded


def test_all_faults_are_told_at_once() -> None:
    faulty = make_parish(name='a"b', slug="www", postcode="1", smtp_port=0, imap_folder="../x", admin_mail="")
    assert list_refused(faulty) == ["name", "slug", "postcode", "admin_mail", "smtp_port", "imap_folder"]


def test_an_unknown_parameter_is_a_fault() -> None:
    assert list_refused(make_parish(nmae="x")) == ["nmae"]


def test_every_missing_parameter_is_named() -> None:
    assert set(list_refused({})) == REQUIRED_FIELDS


def test_a_missing_sub_domain_is_suggested() -> None:
    error = refuse(make_parish(name="Église Saint-Pierre-le-Jeune", slug=""))
    assert "saint-pierre-le-jeune" in error.params["fields"][0]["reason"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"smtp_host": ""}, "smtp_host"),
        ({"smtp_password": ""}, "smtp_password"),
        ({"smtp_user": ""}, "smtp_user"),
        ({"imap_host": ""}, "imap_host"),
        ({"imap_user": "", "imap_password": ""}, "imap_user"),
        ({"imap_user": ""}, "imap_user"),
        ({"imap_password": None}, "imap_password"),
    ],
)
def test_contradictions_are_faults(changes: dict[str, Any], field: str) -> None:
    assert list_refused(make_parish(**changes)) == [field]


def test_a_relay_needs_no_account() -> None:
    recorded = validate_tenant(make_parish(smtp_user="", smtp_password=""))
    assert recorded["smtp_host"] == "smtp.example.org"


def test_a_refused_value_is_not_also_called_missing() -> None:
    assert list_refused(make_parish(smtp_user="a b")) == ["smtp_user"]


@pytest.mark.parametrize("name", sorted(SECRET_FIELDS))
def test_a_refused_password_is_never_shown(name: str) -> None:
    error = refuse(make_parish(**{name: "hunter2\nhunter3"}))
    assert "hunter" not in json.dumps(error.params) + str(error)


def test_a_hostile_sub_domain_is_not_repeated() -> None:
    assert refuse(make_parish(slug="\x1b[31m" + "x" * 1000)).params["tenant"] == "?"


def test_what_is_recorded_otherwise_is_told_but_never_a_secret() -> None:
    data = make_parish(name="Paroisse de l'Ascension", smtp_password="l'eau")
    assert list_adjustments(data, validate_tenant(data)) == [
        {"field": "name", "given": "Paroisse de l'Ascension", "recorded": "Paroisse de l’Ascension"}
    ]


def test_an_unknown_name_is_refused_alone_too() -> None:
    with pytest.raises(InvalidValue):
        validate_value("created_at", "now")


@given(st.dictionaries(st.sampled_from(sorted(PARAMETERS)), st.none() | st.text() | st.integers() | st.booleans()))
def test_anything_is_recorded_or_refused_by_name(data: dict[str, Any]) -> None:
    try:
        recorded = validate_tenant({**make_parish(), **data})
    except CiviparoisseError as error:
        assert {fault["field"] for fault in error.params["fields"]} <= set(PARAMETERS)
        json.dumps(error.params).encode()
    else:
        assert validate_tenant(recorded) == recorded
