"""What the last backup saw in the way of a restore is said before one is asked for."""

import pytest
from django.utils import translation

from backups.choices import BackupScope
from backups.hindrances import describe_hindrances
from backups.models import BackupState
from backups.parameters import describe_restore
from domain.states import InstanceState
from programs.archive.hindrances import NOT_DELETABLE, NOT_MOVABLE
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
LEFT = f"{NOT_DELETABLE}sites/a b/php (it is a directory of another account), sites/x (it is immutable or append-only)"
REFUSED = f"{NOT_MOVABLE}sites/all (it is a directory of another account), and 12 more"


@pytest.fixture
def instance() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


def test_both_ways_are_told_with_paths_and_without_the_program_s_words(instance: Instance) -> None:
    make_backup_row(instance, warnings=["something else", LEFT, REFUSED])
    with translation.override("en"):
        refused, left = describe_hindrances(instance)
    assert refused.startswith("The restore is refused") and "move sites/all and 12 more: as root" in refused
    assert "delete sites/a b/php, sites/x: they stay aside" in left
    with translation.override("fr"):
        french = " ".join(describe_hindrances(instance))
    assert "sites/a b/php" in french and "another" not in french and "refusée" in french


def test_the_newest_set_with_files_counts(instance: Instance) -> None:
    assert describe_hindrances(instance) == []
    make_backup_row(instance, hours_ago=3, warnings=[LEFT])
    make_backup_row(instance, hours_ago=2, scope=BackupScope.DATABASE)
    make_backup_row(instance, hours_ago=1, state=BackupState.FAILED)
    assert len(describe_hindrances(instance)) == 1
    make_backup_row(instance, hours_ago=0.5, scope=BackupScope.FILES)
    assert describe_hindrances(instance) == []


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [({}, True), ({"scope": "files"}, True), ({"scope": "database"}, False), ({"tree": "sites", "path": "x"}, False)],
)
def test_a_dry_run_of_a_restore_says_it_where_it_exchanges_the_files(
    instance: Instance, changes: dict[str, str], is_told: bool
) -> None:
    backup = make_backup_row(instance, warnings=[LEFT])
    asked = {"backup_id": backup.backup_id, "source": "saint-paul", "database": "", "scope": "full"}
    with translation.override("en"):
        told = describe_restore(instance, {**asked, "safety_backup": True, **changes})
    assert any("they stay aside" in sentence for sentence in told) == is_told
