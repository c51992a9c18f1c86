"""Which copies a set can be fetched from, and proofs of copies; the way back itself is in test_copies."""

from pathlib import Path

import pytest
from django.utils import timezone

from backups.models import Backup, BackupState, ProofOutcome, ProofReport
from domain.states import OperationKind, OperationState
from offsite.destinations import create_destination
from offsite.fetching import is_away, list_names, list_sources
from offsite.models import BackupCopy, CopyState, Destination
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.offsite.conftest import carry_to_end
from tests.places_away import ACCOUNT, BUCKET, PASSWORD, find_port
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


@pytest.mark.parametrize("state", CopyState.values)
def test_only_a_checked_copy_is_a_source(destination: Destination, state: str) -> None:
    backup = make_backup_row(make_instance_row())
    copy = BackupCopy.objects.create(backup=backup, destination=destination, state=state, checked_at=timezone.now())
    assert is_away(backup) is (state in (CopyState.CHECKED, CopyState.HELD))
    assert list_names([backup.backup_id, "x"]) == ({backup.backup_id: ["shelf"]} if is_away(backup) else {})
    Destination.objects.update(enabled=False)
    assert list_names([backup.backup_id]) == {}
    assert list_sources(backup) == [] and copy.pk


@pytest.mark.usefixtures("recovery", "destination")
def test_a_copy_away_is_proven_and_one_that_was_altered_is_not(parishes: Parishes, away: Path) -> None:
    paul = parishes.get()
    backup = Backup.objects.get(backup_id=parishes.run(OperationKind.BACKUP, paul).result["backup_id"])
    (copy,) = carry_to_end()
    before, sets = parishes.read(paul), sorted((parishes.directory(paul) / "backups").iterdir())
    proof = parishes.run("prove", paul, source="shelf")
    report = ProofReport.objects.get(operation=proof)
    assert (report.outcome, report.source, report.figures["rows"] > 0) == (ProofOutcome.PROVEN, "shelf", True)
    assert report.figures["seconds"]["fetch"] >= 0
    copy.refresh_from_db()
    backup.refresh_from_db()
    assert copy.opened_at == report.ended_at == backup.proven_at
    part = max((path for path in away.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    content = bytearray(part.read_bytes())
    content[-20] ^= 1
    part.write_bytes(content)
    failed = parishes.run("prove", paul, expected=OperationState.FAILED, source="shelf")
    assert (failed.error_code, failed.error_params["place"]) == ("proof_of_copy_failed", "shelf")
    assert ProofReport.objects.get(operation=failed).outcome == ProofOutcome.FAILED
    copy.refresh_from_db()
    backup.refresh_from_db()
    assert (copy.state, backup.state, backup.proven_at) == (CopyState.DIFFERENT, BackupState.GOOD, report.ended_at)
    # Nothing of the parish was read, changed or filled, and nothing is left of the place.
    assert parishes.read(paul) == before
    assert sorted((parishes.directory(paul) / "backups").iterdir()) == sets
    assert not (parishes.engine.root / "instances" / "saint-paul-verification").exists()


@pytest.mark.usefixtures("recovery", "destination")
def test_a_place_that_does_not_answer_says_nothing_of_its_copy(parishes: Parishes) -> None:
    paul = parishes.get()
    parishes.run(OperationKind.BACKUP, paul)
    carry_to_end()
    nobody = {"endpoint": f"http://127.0.0.1:{find_port()}", "access_key_id": ACCOUNT, "secret_access_key": PASSWORD}
    gone = create_destination({"name": "gone", "kind": "s3", "bucket": BUCKET, **nobody}, requested_by="test")
    BackupCopy.objects.update(destination=gone)
    failed = parishes.run("prove", paul, expected=OperationState.FAILED, source="gone")
    assert ProofReport.objects.get(operation=failed).outcome == ProofOutcome.UNDECIDED
    assert BackupCopy.objects.get().state == CopyState.CHECKED


@pytest.mark.usefixtures("recovery", "destination")
def test_a_run_that_is_shown_nothing_does_not_make_the_copy_a_bad_one(parishes: Parishes, away: Path) -> None:
    paul = parishes.get()
    parishes.run(OperationKind.BACKUP, paul)
    carry_to_end()
    for path in away.iterdir():
        path.chmod(0o700)
    failed = parishes.run("prove", paul, expected=OperationState.FAILED, source="shelf")
    assert ProofReport.objects.get(operation=failed).outcome == ProofOutcome.UNDECIDED
    assert BackupCopy.objects.get().state == CopyState.CHECKED
