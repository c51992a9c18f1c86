"""Parishes over REST: recorded, changed, forgotten, and their passwords never shown."""

import json
from typing import Any

import pytest
from django.test import Client

from tenants.models import Tenant
from tests.rows import make_instance_row, make_tenant_row

TENANTS = "/api/v1/tenants/"
PASSWORD = "s3cr3t-'\"$\\ é"
PARISH = {
    "name": "Paroisse Saint-Luc",
    "slug": "saint-luc",
    "street": "rue de l’Église",
    "postcode": "67000",
    "city": "Strasbourg",
    "drupal_site_mail": "site@saint-luc.example.org",
    "civicrm_domain_mail": "contact@saint-luc.example.org",
    "civicrm_domain": "saint-luc",
    "admin_mail": "admin@saint-luc.example.org",
    "admin_name": "Jeanne Martin",
    "smtp_host": "smtp.example.org",
    "smtp_user": "saint-luc",
    "smtp_password": PASSWORD,
}


def _send(api: Client, method: str, path: str, body: Any) -> Any:
    return getattr(api, method)(f"{TENANTS}{path}", json.dumps(body), "application/json")


def test_a_parish_is_recorded_and_found_again(api: Client) -> None:
    answer = _send(api, "post", "", PARISH)
    assert answer.status_code == 201, answer.json()
    shown = api.get(answer["Location"]).json()
    assert shown == answer.json()
    assert (shown["slug"], shown["smtp_port"], shown["imap_folder"]) == ("saint-luc", 587, "INBOX")
    assert Tenant.objects.get().smtp_password == PASSWORD


def test_a_password_is_never_shown_not_even_masked(api: Client) -> None:
    answers = [
        _send(api, "post", "", PARISH),
        api.get(f"{TENANTS}saint-luc/"),
        api.get(TENANTS),
        _send(api, "patch", "saint-luc/", {"smtp_password": PASSWORD + "2"}),
        _send(api, "patch", "saint-luc/", {"smtp_password": PASSWORD + "\n"}),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 400]
    for answer in answers:
        assert "s3cr3t" not in answer.content.decode()
        assert "_password" not in json.dumps(answer.json().get("results", answer.json().get("slug", "")))
    assert Tenant.objects.get().smtp_password == PASSWORD + "2"


def test_all_faults_are_named_at_once_and_nothing_is_written(api: Client) -> None:
    answer = _send(api, "post", "", {**PARISH, "slug": "www", "postcode": 67000, "nmae": "x", "city": ["a"]})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_tenant")
    assert {fault["field"] for fault in error["fields"]} == {"slug", "postcode", "nmae", "city"}
    assert not Tenant.objects.exists()


@pytest.mark.parametrize("value", [None, True, 1, 1.5, [], {}, "\x00", "a\nb", "<?php", "x" * 10_000, "'; DROP TABLE"])
@pytest.mark.parametrize("field", ["name", "slug", "drupal_site_mail", "smtp_port", "smtp_host"])
def test_no_value_of_any_type_is_a_failure(api: Client, field: str, value: Any) -> None:
    assert _send(api, "post", "", {**PARISH, field: value}).status_code in (201, 400)


def test_a_lone_surrogate_is_a_refused_value(api: Client) -> None:
    body = json.dumps(PARISH).replace("Saint-Luc", "\\ud800")
    answer = api.post(TENANTS, body, "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_tenant")


def test_a_taken_name_is_refused(api: Client) -> None:
    _send(api, "post", "", PARISH)
    answer = _send(api, "post", "", PARISH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "slug_taken")


def test_a_change_touches_what_it_names_only(api: Client) -> None:
    _send(api, "post", "", PARISH)
    shown = _send(api, "patch", "saint-luc/", {"city": "Colmar"}).json()
    assert (shown["city"], shown["street"]) == ("Colmar", PARISH["street"])
    assert Tenant.objects.get().smtp_password == PASSWORD


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"slug": "autre"}, 409, "invalid_value"),  # well formed, and never possible here
        ({"smtp_user": ""}, 409, "invalid_tenant"),  # contradicts the password that is kept
        ({"city": ""}, 400, "invalid_tenant"),
        ({"imap_port": "993"}, 400, "invalid_value"),  # as a form gives it, which the schema does not
        ([], 400, "invalid_value"),
    ],
)
def test_a_change_is_refused_by_its_code(api: Client, body: Any, status: int, code: str) -> None:
    _send(api, "post", "", PARISH)
    answer = _send(api, "patch", "saint-luc/", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_parishes_are_narrowed_searched_and_paged(api: Client) -> None:
    for slug in ("saint-paul", "sainte-marie", "saint-jean"):
        make_tenant_row(slug)

    def slugs(**query: Any) -> list[str]:
        return [row["slug"] for row in api.get(TENANTS, query).json()["results"]]

    assert slugs() == ["saint-jean", "saint-paul", "sainte-marie"]
    assert slugs(city="Mulhouse") == slugs(search="mulh") == slugs(slug="saint-jean") == ["saint-jean"]
    assert slugs(search="Paroisse", limit=1, offset=1) == ["saint-paul"]
    assert slugs(search="100%") == []
    page = api.get(TENANTS, {"limit": 2}).json()
    assert page["count"] == 3 and [row["slug"] for row in api.get(page["next"]).json()["results"]] == ["sainte-marie"]


def test_a_parish_of_which_nothing_is_left_is_forgotten(api: Client) -> None:
    _send(api, "post", "", PARISH)
    assert api.delete(f"{TENANTS}saint-luc/").status_code == 204
    again = api.delete(f"{TENANTS}saint-luc/")
    assert (again.status_code, again.json()["error"]["code"]) == (404, "not_found")


def test_a_parish_with_an_instance_is_kept_and_told_why(api: Client) -> None:
    make_instance_row("saint-paul")
    answer = api.delete(f"{TENANTS}saint-paul/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "tenant_in_use")
    assert "saint-paul" in answer.json()["error"]["message"] and answer.json()["error"]["hint"]
    assert Tenant.objects.exists()


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_an_unknown_parish_is_not_found(api: Client, method: str) -> None:
    answer = api.generic(method.upper(), f"{TENANTS}nobody/", b"{}", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_replacing_a_whole_parish_is_not_offered(api: Client) -> None:
    make_tenant_row("saint-paul")
    assert _send(api, "put", "saint-paul/", PARISH).status_code == 405
