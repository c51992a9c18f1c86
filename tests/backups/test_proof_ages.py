"""How old the last proof is, and whether it failed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backups.models import Backup, ProofOutcome, ProofReport
from backups.proof_ages import get_proof_facts, list_provable, order_by_proof, select_failed, select_overdue
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def report(backup: Backup, outcome: ProofOutcome, *, days_ago: float = 0) -> ProofReport:
    """Return a report of that long ago."""
    return ProofReport.objects.create(backup=backup, outcome=outcome, ended_at=NOW - timedelta(days=days_ago))


def test_the_last_proof_that_decided_counts() -> None:
    paul = make_instance_row("saint-paul")
    backup = make_backup_row(paul, hours_ago=1000, stored_bytes=1)
    assert get_proof_facts(paul).proven_at is None and get_proof_facts(paul).wanted_since == backup.started_at
    proven = report(backup, ProofOutcome.PROVEN, days_ago=3)
    failed = report(backup, ProofOutcome.FAILED, days_ago=2)
    report(backup, ProofOutcome.UNDECIDED, days_ago=1)
    facts = get_proof_facts(paul)
    assert (facts.proven_at, facts.failed) == (proven.ended_at, failed)
    assert list(select_failed(Instance.objects.all())) == [paul]
    report(backup, ProofOutcome.PROVEN)
    assert get_proof_facts(paul).failed is None
    assert not select_failed(Instance.objects.all())


def test_a_proof_is_overdue_after_its_days_and_for_one_never_proven_since_its_first_set() -> None:
    paul, marie, luc = (make_instance_row(slug) for slug in ("saint-paul", "sainte-marie", "saint-luc"))
    report(make_backup_row(paul, hours_ago=2000, stored_bytes=1), ProofOutcome.PROVEN, days_ago=33)
    make_backup_row(marie, hours_ago=33 * 24, stored_bytes=1)
    assert not select_overdue(Instance.objects.all(), now=NOW)
    make_backup_row(marie, hours_ago=35 * 24, stored_bytes=1)
    later = NOW + timedelta(days=2)
    assert set(select_overdue(Instance.objects.all(), now=later)) == {paul, marie}
    assert luc not in list_provable(Instance.objects.all())
    assert [row.identifier for row in order_by_proof(list_provable(Instance.objects.all()))] == [
        "sainte-marie",
        "saint-paul",
    ]
