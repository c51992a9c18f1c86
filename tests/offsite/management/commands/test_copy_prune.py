"""copy_prune: a dry run says what would go, and with nothing to do all is well."""

from pathlib import Path

import pytest

from domain.states import InstanceState
from offsite.models import BackupCopy, Destination
from tests.commands import run_json
from tests.offsite.places import make_nightly_copies
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_dry_run_says_it_and_changes_nothing(destination: Destination, away: Path) -> None:
    paul = make_instance_row(state=InstanceState.ACTIVE)
    code, told = run_json("copy_prune", "saint-paul", "--dry-run", "--confirm", "saint-paul")
    assert code == 0 and told["steps"] == []
    make_nightly_copies(paul, destination, away, nights=33)
    code, told = run_json("copy_prune", "saint-paul", "--dry-run", "--confirm", "saint-paul")
    assert code == 0 and told["parameters"]["copies"] and len(told["steps"]) == 2
    assert set(BackupCopy.objects.values_list("state", flat=True)) == {"checked"}
