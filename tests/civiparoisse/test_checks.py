"""check --deploy: a database or a broker elsewhere is reached by verified TLS, and one that is here need not be."""

from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from civiparoisse.checks import check_broker_way, check_database_way, is_here


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("/run/mysqld/mysqld.sock", True),
        ("10.0.0.4", False),
        ("localhost.example.org", False),
        ("db", False),
    ],
)
def test_what_is_this_machine(host: str, expected: bool) -> None:
    assert is_here(host) is expected


@pytest.mark.parametrize(
    ("host", "options", "expected"),
    [
        ("127.0.0.1", {}, []),
        ("db.example.org", {"ssl_verify_identity": True, "ssl_ca": "x"}, []),
        ("db.example.org", {}, ["civiparoisse.W001"]),
        ("db.example.org", {"ssl_disabled": True}, ["civiparoisse.W001"]),
    ],
)
def test_a_database_elsewhere_is_verified(
    monkeypatch: pytest.MonkeyPatch, host: str, options: dict[str, Any], expected: list[str]
) -> None:
    setting = {"ENGINE": "django.db.backends.mysql", "HOST": host, "OPTIONS": options}
    monkeypatch.setattr(settings, "DATABASES", {"default": setting})
    assert [found.id for found in check_database_way()] == expected


def test_a_file_needs_no_network() -> None:
    assert check_database_way() == []
    assert check_broker_way() == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://127.0.0.1:6379/0", []),
        ("rediss://manager:word@broker.example.org:6379/0", []),
        ("rediss://broker.example.org", ["civiparoisse.W003"]),
        ("redis://:word@broker.example.org", ["civiparoisse.W002"]),
        ("redis://broker.example.org", ["civiparoisse.W002", "civiparoisse.W003"]),
    ],
)
def test_a_broker_elsewhere_has_tls_and_an_account(url: str, expected: list[str]) -> None:
    with override_settings(BROKER="redis", CELERY_BROKER_URL=url):
        found = check_broker_way()
    assert [one.id for one in found] == expected
    assert ":word" not in " ".join(one.msg for one in found)
