"""Proofs on the real node: a set is restored into a namespace of its own, judged, and nothing of it remains."""

import pytest

from backups.models import Backup, ProofOutcome, ProofReport
from domain.specs import InstanceKind
from domain.states import InstanceState, OperationKind, OperationState
from finops.models import Interval
from operations.models import Operation
from tenants.models import Instance
from tests.cluster.parishes import ClusterParishes

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]

PAUL, PLACE = "saint-paul", "saint-paul-verification"


def take_backup(parishes: ClusterParishes, instance: Instance) -> Backup:
    """Return a good set of everything."""
    return Backup.objects.get(backup_id=parishes.run(OperationKind.BACKUP, instance).result["backup_id"])


def check_nothing_left(parishes: ClusterParishes) -> None:
    """Fail unless the place's namespace and volumes are gone, and its row says so."""
    assert not parishes.engine.observe(PLACE).exists
    assert PLACE not in parishes.cluster.kubectl("get", "namespaces", "-o", "name").split("/")
    claims = parishes.cluster.kubectl("get", "pv", "-o", "jsonpath={.items[*].spec.claimRef.namespace}").split()
    assert PLACE not in claims
    row = Instance.objects.get(identifier=PLACE)
    assert (row.kind, row.state, row.purged_at is not None) == (InstanceKind.VERIFICATION, InstanceState.DELETED, True)


def test_a_set_is_proven_and_the_parish_neither_notices_nor_pays(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    backup = take_backup(parishes, paul)
    before = parishes.read_content(paul)
    seen: set[str] = set()

    def look(_operation: Operation) -> None:
        kinds = "ingress,service"
        seen.update(parishes.cluster.kubectl("get", kinds, "-o", "name", namespace=PLACE).split())

    proof = parishes.run("prove", paul, between=look)
    assert any(name.startswith("service/") for name in seen), "it was seen at work"
    assert not [name for name in seen if name.startswith("ingress")], "nothing leads in from outside"
    report = ProofReport.objects.get(operation=proof)
    assert (report.outcome, report.source, report.problems) == (ProofOutcome.PROVEN, "volume", [])
    assert report.figures["rows"] >= (backup.rows or 0) > 0
    assert report.figures["restore_seconds"] >= report.figures["seconds"]["restore"] > 0
    assert parishes.read_content(paul) == before
    backup.refresh_from_db()
    assert backup.proven_at == report.ended_at
    assert not Interval.objects.filter(instance=PLACE).exists(), "the proof is overhead, not the parish's"
    check_nothing_left(parishes)


def test_a_set_that_breaks_a_foreign_key_is_not_proven(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    orphan = "INSERT INTO civicrm_email (id, contact_id, email) VALUES (999999, 888888, 'nobody@example.org')"
    parishes.execute(paul, f"SET foreign_key_checks = 0; {orphan}")
    try:
        backup = take_backup(parishes, paul)
    finally:
        parishes.execute(paul, "DELETE FROM civicrm_email WHERE id = 999999")
    failed = parishes.run("prove", paul, expected=OperationState.FAILED, backup=backup.backup_id, source="volume")
    assert (failed.error_code, failed.error_params["cause"]) == ("proof_failed", "foreign_key_broken")
    assert ProofReport.objects.get(operation=failed).outcome == ProofOutcome.FAILED
    check_nothing_left(parishes)
