"""drift_report: its exit code is the result, repairs only on request."""

import pytest

from domain.findings import Drift
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from operations.models import Operation
from tests.clusters.samples import make_cluster_row
from tests.commands import run_command, run_json
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
DRIFT = (
    Drift(object="StatefulSet/paroisse-set-db", path="spec.replicas", wanted="1", found="0"),
    Drift(object="Service/civicrmdb", wanted='"present"'),
)


@pytest.fixture
def drifted(fake: FakeEngine) -> FakeEngine:
    """Two clusters, one of them with an instance that has drifted."""
    make_cluster_row("albi")
    make_cluster_row()
    make_instance_row(state=InstanceState.ACTIVE, engine="strasbourg")
    fake.set_up("saint-paul", running=ALL_COMPONENTS)
    fake.drift = {"saint-paul": DRIFT}
    return fake


def test_drift_is_told_and_nothing_is_asked(drifted: FakeEngine) -> None:
    code, document = run_json("drift_report", "--cluster", "strasbourg")
    assert (code, document["level"], document["repairs_asked"]) == (1, "warning", [])
    assert document["reports"][0]["instances"][0]["count"] == 2
    code, stdout, _stderr = run_command("drift_report", "--instance", "saint-paul")
    assert code == 1 and "StatefulSet/paroisse-set-db spec.replicas" in stdout
    assert not Operation.objects.exists() and drifted.list_effects("saint-paul") == []


def test_all_clusters_are_looked_at(drifted: FakeEngine) -> None:  # noqa: ARG001
    _code, document = run_json("drift_report")
    assert [report["cluster"] for report in document["reports"]] == ["albi", "strasbourg"]
    drifted.set_up("stranger", manager="them")
    reports = run_json("drift_report")[1]["reports"]
    found = {(report["cluster"], one["code"]) for report in reports for one in report["findings"]}
    # Both show the same, and on the first no row knows Saint-Paul.
    unknown = {("albi", "namespace_unknown"), ("strasbourg", "namespace_unknown")}
    assert found == {*unknown, ("albi", "namespace_forgotten")}


def test_repairs_are_asked_on_request(drifted: FakeEngine) -> None:  # noqa: ARG001
    code, document = run_json("drift_report", "--repair", "--at-most", "2")
    assert (code, document["repairs_asked"]) == (1, ["saint-paul"])
    assert Operation.objects.get().requested_by.startswith("cli:")


def test_no_drift_is_in_order(fake: FakeEngine) -> None:  # noqa: ARG001
    assert run_command("drift_report")[0] == 0
    make_cluster_row()
    assert run_json("drift_report")[0] == 0


@pytest.mark.parametrize("arguments", [["--cluster", "metz"], ["--instance", "saint-paul"]])
def test_an_unknown_name_is_no_result(arguments: list[str]) -> None:
    code, document = run_json("drift_report", *arguments)
    assert (code, document["error"]["code"]) == (3, "not_found")
