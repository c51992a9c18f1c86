"""Probes: alive without the database, ready only with it and all its migrations."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from tests.pulses import show_life


def test_liveness_asks_nothing_of_the_database(client: Client) -> None:
    # No `db` fixture: pytest-django would refuse any query.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readiness_needs_no_token(client: Client, db: None) -> None:  # noqa: ARG001
    show_life()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


def test_a_missing_migration_is_not_ready(client: Client, db: None) -> None:  # noqa: ARG001
    newest = MigrationLoader(connection).graph.leaf_nodes("operations")[0]
    MigrationRecorder(connection).record_unapplied(*newest)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "migrations_missing")


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_database_is_not_ready_and_tells_no_path(client: Client, settings: object) -> None:  # noqa: ARG001
    connection.close()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "/nonexistent/place.sqlite3"
    try:
        answer = client.get("/readyz")
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "reason": "database_unreachable"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_change_nothing(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_a_manager_whose_clock_is_silent_is_not_ready_and_says_why(client: Client, db: None) -> None:  # noqa: ARG001
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "clock_silent")
