"""What a proof accepts: a good set of everything, of a production instance; the newest unproven one by default."""

import pytest
from django.utils import timezone

from backups.models import Backup, BackupScope, BackupState
from backups.prove_parameters import choose_set, describe_prove, offer_sets, validate_prove
from domain.errors import CiviparoisseError, InvalidValue
from domain.specs import InstanceKind
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def paul() -> Instance:
    return make_instance_row("saint-paul")


def test_the_newest_set_that_is_not_proven_is_chosen_else_the_newest(paul: Instance) -> None:
    rows = [make_backup_row(paul, hours_ago=hours) for hours in (1, 2, 3)]
    make_backup_row(paul, hours_ago=0, scope=BackupScope.DATABASE)
    assert choose_set(paul) == rows[0]
    Backup.objects.filter(pk=rows[0].pk).update(proven_at=timezone.now())
    assert validate_prove(paul, {"backup": ""}) == {"backup": rows[1].backup_id}
    Backup.objects.update(proven_at=timezone.now())
    assert choose_set(paul) == rows[0]
    assert [backup_id for backup_id, _label in offer_sets(paul)] == [row.backup_id for row in rows]
    assert rows[2].backup_id in describe_prove(paul, {"backup": rows[2].backup_id})[0]


def test_what_cannot_be_proven_is_refused(paul: Instance) -> None:
    with pytest.raises(CiviparoisseError) as caught:
        validate_prove(paul, {"backup": ""})
    assert caught.value.code == "nothing_to_prove"
    bad = make_backup_row(paul, hours_ago=1, state=BackupState.FAILED)
    with pytest.raises(InvalidValue):
        validate_prove(paul, {"backup": bad.backup_id})
    paul.kind = InstanceKind.SANDBOX.value
    with pytest.raises(CiviparoisseError) as caught:
        validate_prove(paul, {"backup": ""})
    assert caught.value.code == "proof_of_production"
