"""cluster_delete: with its confirmation, and never with instances."""

import pytest

from clusters.models import Cluster
from tests.clusters.samples import make_cluster_row
from tests.commands import run_command, run_json
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_cluster_is_forgotten_once_confirmed() -> None:
    make_cluster_row()
    assert run_json("cluster_delete", "strasbourg")[1]["error"]["code"] == "confirmation_mismatch"
    assert run_command("cluster_delete", "strasbourg", "--dry-run")[0] == 0 and Cluster.objects.exists()
    code, stdout, _stderr = run_command("cluster_delete", "strasbourg", "--confirm", "strasbourg")
    assert code == 0 and "strasbourg" in stdout and not Cluster.objects.exists()


def test_instances_are_in_the_way() -> None:
    make_cluster_row()
    make_instance_row(engine="strasbourg")
    code, document = run_json("cluster_delete", "strasbourg", "--confirm", "strasbourg")
    assert (code, document["error"]["code"]) == (1, "cluster_in_use")
