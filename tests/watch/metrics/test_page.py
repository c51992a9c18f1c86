"""A scrape: who may, what it tells, how many queries it takes."""

from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from domain.states import InstanceState
from tests.backups.rows import make_backup_row
from tests.people import count_queries
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]
TOKEN = "geheim-4711"


@pytest.fixture
def client(settings: Any) -> Client:
    settings.METRICS_TOKEN = TOKEN
    return Client(headers={"authorization": f"Bearer {TOKEN}"})


def read(client: Client) -> dict[str, dict[tuple[str, ...], float]]:
    """Return every sample by its name and its labels (sorted by name), as Prometheus' own parser reads them."""
    answer = client.get("/metrics")
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.content.decode())
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels[name] for name in sorted(sample.labels))] = (
                sample.value
            )
    return found


def test_it_opens_by_its_token_alone(client: Client, settings: Any) -> None:
    assert client.get("/metrics").status_code == 200
    for headers in ({}, {"authorization": "Bearer other"}, {"authorization": "Bearer "}, {"authorization": "Bearer é"}):
        answer = Client(headers=headers).get("/metrics")
        assert answer.status_code == 401 and b"civiparoisse" not in answer.content
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    assert Client(headers={"authorization": "Bearer "}).get("/metrics").status_code == 404


def test_what_is_saved_and_what_never_was(client: Client) -> None:
    backup = make_backup_row(make_instance_row("saint-paul", state=InstanceState.ACTIVE), hours_ago=5)
    make_instance_row("saint-pierre", state=InstanceState.FAILED)
    make_instance_row("gone", state=InstanceState.DELETED)
    found = read(client)
    good = found["civiparoisse_backup_last_good_timestamp_seconds"]
    assert good == {("saint-paul", "production", "saint-paul"): pytest.approx(backup.started_at.timestamp())}
    assert set(found["civiparoisse_instance_state"]) == {
        ("saint-paul", "production", "active", "saint-paul"),
        ("saint-pierre", "production", "failed", "saint-pierre"),
    }
    assert found["civiparoisse_workers_alive"] == {(): 0.0}


def test_the_number_of_queries_does_not_grow(client: Client) -> None:
    make_backup_row(make_instance_row("saint-paul", state=InstanceState.ACTIVE), hours_ago=5)
    before = count_queries(client, "/metrics")
    for number in range(12):
        make_backup_row(make_instance_row(f"parish-{number}", state=InstanceState.ACTIVE), hours_ago=5)
    assert count_queries(client, "/metrics") == before <= 14
