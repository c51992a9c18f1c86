"""The one shape of a backup, in REST and in --json."""

import json

import pytest
from django.utils import timezone

from backups.documents import BackupSerializer
from backups.models import BackupState, ProofOutcome, ProofReport
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_the_document_is_json_and_words_the_error() -> None:
    row = make_backup_row(
        make_instance_row(),
        state=BackupState.FAILED,
        error_code="job_lost",
        error_params={"program": "backup", "instance": "saint-paul"},
    )
    document = json.loads(json.dumps(BackupSerializer(row).data))
    assert (document["id"], document["tenant"], document["state"]) == (row.backup_id, "saint-paul", "failed")
    assert document["error"]["code"] == "job_lost"
    assert "saint-paul" in document["error"]["message"]
    assert document["operation"] is None and document["verified_at"] is None and document["proof"] is None


def test_the_last_proof_is_shown_with_its_problems_in_words() -> None:
    row = make_backup_row(make_instance_row())
    now = timezone.now()
    ProofReport.objects.create(backup=row, outcome=ProofOutcome.PROVEN, ended_at=now)
    problem = {"code": "not_found", "params": {"what": "instance", "name": "saint-paul"}}
    ProofReport.objects.create(backup=row, outcome=ProofOutcome.FAILED, ended_at=now, problems=[problem])
    proof = json.loads(json.dumps(BackupSerializer(row).data))["proof"]
    assert (proof["outcome"], proof["operation"], proof["ended_at"]) == ("failed", None, now.isoformat())
    assert proof["problems"][0]["code"] == "not_found" and "saint-paul" in proof["problems"][0]["message"]
