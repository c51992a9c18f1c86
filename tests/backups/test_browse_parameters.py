"""What a look into a set accepts, and what people read before they ask for it."""

import pytest

from backups.browse_parameters import describe_browse
from backups.models import BackupState
from domain.errors import CiviparoisseError, InvalidValue, NotFound
from domain.states import InstanceState, OperationKind
from operations.models import Operation
from operations.registry import get_kind
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

check = get_kind("browse").check
pytestmark = pytest.mark.django_db


@pytest.fixture
def paul() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


def test_a_set_that_is_being_removed_is_not_looked_into(paul: Instance) -> None:
    backup = make_backup_row(paul)
    Operation.objects.create(kind=OperationKind.PRUNE, instance=paul, parameters={"backup_ids": [backup.backup_id]})
    with pytest.raises(CiviparoisseError) as refused:
        check(paul, {"backup": backup.backup_id})
    assert refused.value.code == "backup_leaving"


def test_a_look_has_defaults(paul: Instance) -> None:
    backup = make_backup_row(paul)
    asked = check(paul, {"backup": backup.backup_id})
    assert asked == {"backup": backup.backup_id, "look": "tables", "within": "", "below": "", "search": "", "after": 0}
    told = describe_browse(paul, asked)
    assert len(told) == 2 and "saint-paul" in told[0]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"look": "rows"}, "look"),
        ({"within": "other"}, "within"),
        ({"within": "sites"}, "within"),
        ({"look": "files", "within": "civicrm"}, "within"),
        ({"below": "default"}, "below"),
        ({"look": "files", "below": "default"}, "below"),
        ({"search": "x" * 201}, "search"),
        ({"search": "a\0b"}, "search"),
        ({"after": -1}, "after"),
    ],
)
def test_a_wrong_look_is_refused(paul: Instance, wrong: dict[str, object], field: str) -> None:
    backup = make_backup_row(paul)
    with pytest.raises(InvalidValue) as refused:
        check(paul, {"backup": backup.backup_id, **wrong})
    assert refused.value.params["field"] == field


def test_only_a_good_backup_of_the_instance_is_looked_into(paul: Instance) -> None:
    with pytest.raises(NotFound):
        check(paul, {"backup": "20261121T080000Z-000000"})
    failed = make_backup_row(paul, state=BackupState.FAILED)
    with pytest.raises(CiviparoisseError) as refused:
        check(paul, {"backup": failed.backup_id})
    assert refused.value.code == "backup_not_good"
