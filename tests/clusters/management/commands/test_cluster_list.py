"""cluster_list: what is recorded, how many instances, the last results; in a constant number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clusters.inspection import keep_report
from clusters.models import ReportKind
from domain.findings import Level
from tests.clusters.samples import make_cluster_row
from tests.commands import run_command, run_json
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_clusters_are_listed_with_their_last_results() -> None:
    row = make_cluster_row()
    make_cluster_row("metz")
    make_instance_row(engine="strasbourg")
    keep_report(row, ReportKind.CHECK, level=Level.WARNING, at=timezone.now(), document={"findings": []})
    metz, strasbourg = run_json("cluster_list")[1]["clusters"]
    assert (metz["name"], metz["instances"], metz["check"]) == ("metz", 0, None)
    assert (strasbourg["instances"], strasbourg["check"], strasbourg["drift"]) == (1, "warning", None)
    assert len(run_command("cluster_list")[1].splitlines()) == 2


def test_the_number_of_queries_does_not_grow() -> None:
    assert run_command("cluster_list")[1].strip()
    counts = []
    for number in range(2):
        for serial in range(3):
            make_cluster_row(f"cluster-{number}-{serial}")
        with CaptureQueriesContext(connection) as queries:
            run_json("cluster_list")
        counts.append(len(queries))
    assert counts[0] == counts[1]
