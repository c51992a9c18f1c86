"""Proofs on real servers: a good set is proven, a bad one is not, and the parish never notices."""

import dataclasses
import shutil

import pytest

from backups.models import Backup, BackupState, ProofOutcome, ProofReport
from domain.specs import ALL_COMPONENTS, InstanceKind
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.requests import request_operation
from programs.sets.manifest import NAME, parse_manifest
from programs.sets.signing import format_manifest, sign_manifest
from tenants.models import Instance
from tests.backups.parishes import Parishes, finish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]

PROVE = "prove"
PLACE = "saint-paul-verification"


def take_backup(parishes: Parishes, instance: Instance) -> Backup:
    """Return a good backup of everything."""
    operation = parishes.run(OperationKind.BACKUP, instance)
    return Backup.objects.get(backup_id=operation.result["backup_id"])


def check_nothing_left(parishes: Parishes) -> None:
    """Fail unless nothing is left where the set was restored."""
    observed = parishes.engine.observe(PLACE)
    assert (observed.exists, observed.remains, observed.backup_ids) == (False, (), ())
    assert not (parishes.engine.root / "instances" / PLACE).exists()
    row = Instance.objects.get(identifier=PLACE)
    assert (row.state, row.kind, row.purged_at is not None) == (InstanceState.DELETED, InstanceKind.VERIFICATION, True)
    assert not Operation.objects.filter(lock=PLACE).exists()


def fail_to_prove(parishes: Parishes, paul: Instance, backup: Backup, *, cause: str) -> ProofReport:
    """Prove a set that is not as it should be; return the report, which must say `cause`."""
    before = parishes.read(paul)
    operation = parishes.run(PROVE, paul, expected=OperationState.FAILED, backup=backup.backup_id)
    assert (operation.error_code, operation.error_params["cause"]) == ("proof_failed", cause)
    report = ProofReport.objects.get(operation=operation)
    assert (report.backup_id, report.outcome) == (backup.pk, ProofOutcome.FAILED)
    assert report.problems[0]["code"] in ("program_failed", "proof_counts_differ")
    backup.refresh_from_db()
    assert backup.proven_at is None
    assert parishes.read(paul) == before
    parishes.check_running(paul, ALL_COMPONENTS)
    check_nothing_left(parishes)
    return report


def test_a_good_set_is_proven_and_the_parish_does_not_notice(parishes: Parishes) -> None:
    paul = parishes.get()
    backup = take_backup(parishes, paul)
    before = parishes.read(paul)
    operation = parishes.run(PROVE, paul)
    backup.refresh_from_db()
    report = ProofReport.objects.get(operation=operation)
    assert (report.outcome, report.problems, report.backup_id) == (ProofOutcome.PROVEN, [], backup.pk)
    assert backup.proven_at == report.ended_at
    figures = report.figures
    assert figures["tables"] == backup.tables and figures["rows"] >= (backup.rows or 0) > 0
    assert figures["accounts"] and figures["foreign_keys"] and figures["files"]
    assert figures["seconds"]["restore"] > 0 and figures["restore_seconds"] >= figures["seconds"]["restore"]
    assert operation.result["rows"] == figures["rows"]
    assert parishes.read(paul) == before
    assert paul.state == InstanceState.ACTIVE
    parishes.check_running(paul, ALL_COMPONENTS)
    check_nothing_left(parishes)


def test_while_a_set_is_proven_the_parish_is_backed_up_and_its_copy_is_nobody_elses(parishes: Parishes) -> None:
    paul = parishes.get()
    take_backup(parishes, paul)
    proof = request_operation(kind=PROVE, instance=paul, requested_by="test")
    assert proof.lock == PLACE
    backup = take_backup(parishes, paul)
    assert backup.state == BackupState.GOOD
    finish(proof)
    assert proof.state == OperationState.SUCCEEDED
    check_nothing_left(parishes)


def test_a_set_with_rows_that_name_nobody_is_not_proven(parishes: Parishes) -> None:
    paul = parishes.get()
    orphan = "INSERT INTO civicrm.civicrm_email (id, contact_id, email) VALUES (999999, 888888, 'nobody@example.org')"
    parishes.execute(paul, "SET foreign_key_checks = 0", orphan)
    backup = take_backup(parishes, paul)
    report = fail_to_prove(parishes, paul, backup, cause="foreign_key_broken")
    assert report.problems[0]["params"]["table"] == "civicrm.civicrm_email"
    parishes.execute(paul, "DELETE FROM civicrm.civicrm_email WHERE id = 999999")


def test_a_set_whose_settings_disagree_is_not_proven(parishes: Parishes) -> None:
    paul = parishes.get()
    path = parishes.directory(paul) / "files" / "default" / "civicrm.settings.php"
    said = path.read_text()
    mode = path.stat().st_mode
    path.chmod(0o644)
    path.write_text(said.replace("/drupal?new_link", "/civilog?new_link"))
    backup = take_backup(parishes, paul)
    fail_to_prove(parishes, paul, backup, cause="settings_disagree")
    path.write_text(said)
    path.chmod(mode)


def test_a_set_with_forged_counts_is_not_proven_nor_good_any_more(parishes: Parishes) -> None:
    paul = parishes.get()
    backup = take_backup(parishes, paul)
    path = parishes.directory(paul) / "backups" / backup.backup_id / NAME
    manifest = parse_manifest(path.read_bytes())
    civicrm = manifest.databases["civicrm"]
    tables = {**civicrm.tables}
    tables["civicrm_contact"] = dataclasses.replace(tables["civicrm_contact"], rows=1, checksum=None)
    databases = {**manifest.databases, "civicrm": dataclasses.replace(civicrm, tables=tables)}
    key = paul.secrets["manifest_key"].encode()
    path.write_bytes(format_manifest(sign_manifest(dataclasses.replace(manifest, databases=databases), key=key)))
    fail_to_prove(parishes, paul, backup, cause="counts_differ")
    assert backup.state == BackupState.FAILED
    shutil.rmtree(path.parent)
    Backup.objects.filter(pk=backup.pk).update(state=BackupState.DELETED)
