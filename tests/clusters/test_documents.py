"""What the doors show of a cluster."""

from datetime import UTC, datetime

import pytest

from clusters.documents import ClusterSerializer, describe_account, list_clusters
from clusters.inspection import keep_report
from clusters.models import Cluster, ReportKind
from clusters.parameters import PARAMETERS, SECRET_FIELDS
from domain.findings import Level
from tests.clusters.samples import SECRET, make_cluster_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_cluster_is_shown_whole_but_for_its_secrets() -> None:
    row = make_cluster_row(settings={"dns_namespace": "dns"})
    make_instance_row(engine="strasbourg")
    keep_report(row, ReportKind.CHECK, level=Level.OK, at=datetime(2026, 11, 21, tzinfo=UTC), document={"findings": []})
    shown = ClusterSerializer(list_clusters().get()).data
    assert (shown["name"], shown["settings"], shown["instances"]) == ("strasbourg", {"dns_namespace": "dns"}, 1)
    assert shown["check"] == {"level": "ok", "at": "2026-11-21T00:00:00+00:00"} and shown["drift"] is None
    assert SECRET not in str(shown) and "kubeconfig" not in shown


def test_the_account_is_described_not_shown() -> None:
    assert describe_account(Cluster(name="here")) == {"server": None, "account": "pod"}
    assert describe_account(make_cluster_row())["account"] == "token"
    assert describe_account(Cluster(name="odd", kubeconfig="x: [")) == {"server": None, "account": "?"}


def test_a_look_that_never_was_is_none() -> None:
    make_cluster_row()
    shown = ClusterSerializer(list_clusters().get()).data
    assert (shown["drift"], shown["check"], shown["instances"]) == (None, None, 0)


def test_every_parameter_is_shown() -> None:
    make_cluster_row()
    shown = ClusterSerializer(list_clusters().get()).data
    assert {f"{name}_set" if name in SECRET_FIELDS else name for name in PARAMETERS} <= set(shown)
