"""Silent and full engines, checks and drift reach the first page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from clusters.inspection import keep_report
from clusters.models import ReportKind
from domain.findings import Level
from tests.clusters.samples import make_cluster_row
from tests.people import read_page
from watch.checks.places import list_place_alerts
from watch.models import Sighting

pytestmark = pytest.mark.django_db


def test_a_silent_engine_and_a_full_one_are_told(admin_client: Client) -> None:
    now = timezone.now()
    params = {"instance": "local", "detail": "refused"}
    Sighting.objects.create(engine="local", at=now, document={"code": "engine_unavailable", "params": params})
    Sighting.objects.create(engine="full", at=now, document={"more": 0, "binding": "memory"})
    Sighting.objects.create(engine="free", at=now, document={"more": 7, "binding": "memory"})
    Sighting.objects.create(engine="mute", at=now, document={"more": None, "binding": ""})
    assert [alert.level for alert in list_place_alerts(now=now)] == [Level.WARNING, Level.CRITICAL]
    page = read_page(admin_client, "/admin/")
    assert "Le moteur local ne répond pas" in page and "Le moteur full n’accepte plus d’instance" in page


def test_reports_of_clusters_are_told() -> None:
    now = timezone.now()
    cluster = make_cluster_row()
    assert ["jamais" in alert.title for alert in list_place_alerts(now=now)] == [True]
    finding = {"code": "api_refused", "level": "critical", "params": {}}
    fine = {"code": "api_answers", "level": "ok", "params": {}}
    keep_report(cluster, ReportKind.CHECK, level=Level.CRITICAL, at=now, document={"findings": [fine, finding]})
    drift = {"drifted": 4, "instances": [], "findings": [], "busy": [], "looked_at": 9}
    keep_report(cluster, ReportKind.DRIFT, level=Level.WARNING, at=now - timedelta(hours=9), document=drift)
    check, drifted, old = list_place_alerts(now=now)
    assert (check.level, len(check.examples)) == (Level.CRITICAL, 1)
    assert "4" in drifted.examples[0].name and drifted.level is Level.WARNING
    assert old.level is Level.WARNING and not old.examples


def test_clusters_in_order_are_no_alert() -> None:
    now = timezone.now()
    cluster = make_cluster_row()
    for kind in ReportKind:
        keep_report(cluster, kind, level=Level.OK, at=now, document={"findings": []})
    assert list(list_place_alerts(now=now)) == []
