"""A parish on the real node that another manager made is adopted: data, passwords and backups go on."""

import dataclasses
import html

import pytest

from domain.errors import CiviparoisseError
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationKind
from engine import registry
from engine.kubernetes.engine import KubernetesEngine
from manifests.labels import MANAGER_LABEL
from tenants.specs import make_instance_spec, make_secrets
from tests.builders import CAST
from tests.cluster.parishes import ENGINE, POLL_SECONDS, ClusterParishes
from tests.commands import run_json

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]
PAUL = "saint-paul"


def test_it_goes_on_with_its_data_under_the_new_manager_alone(
    parishes: ClusterParishes, monkeypatch: pytest.MonkeyPatch
) -> None:
    paul, theirs = parishes.get(PAUL), parishes.engine
    before, known = parishes.read_content(paul), dict(paul.secrets)
    ours = KubernetesEngine(
        ENGINE, connection=theirs.connection, settings=dataclasses.replace(theirs.settings, manager="us")
    )
    ours.poll_seconds = POLL_SECONDS
    monkeypatch.setitem(registry._factories, ENGINE, lambda: ours)
    # As a fresh database has it: a row that was just made, with passwords of its own.
    paul.secrets, paul.state, paul.url = make_secrets(), InstanceState.NEW.value, ""
    paul.save()
    try:
        code, told = run_json("operation_request", "adopt", PAUL, "--dry-run")
        assert code == 0 and "dbvolclaim" in str(told), told
        assert parishes.cluster.get("namespace", PAUL)["metadata"]["labels"].get(MANAGER_LABEL, "") == ""
        parishes.run("adopt", paul, confirm=PAUL)
        assert paul.state == InstanceState.ACTIVE
        assert {name: paul.secrets[name] for name in ("db_password", "manifest_key")} == {
            name: known[name] for name in ("db_password", "manifest_key")
        }
        assert parishes.cluster.get("namespace", PAUL)["metadata"]["labels"][MANAGER_LABEL] == "us"
        assert parishes.read_content(paul) == before
        assert CAST[PAUL][4] in html.unescape(parishes.read_page(paul))
        assert parishes.run(OperationKind.BACKUP, paul).result["backup_id"]
        spec = make_instance_spec(paul, components=ALL_COMPONENTS)
        with pytest.raises(CiviparoisseError) as refused:
            theirs.apply(spec)
        assert refused.value.code == "namespace_foreign"
    finally:
        parishes.cluster.kubectl("label", "namespace", PAUL, f"{MANAGER_LABEL}=", "--overwrite")
        parishes.secrets[PAUL] = dict(known)
