"""What a larger backup volume is asked with."""

import pytest

from backups.enlarge_parameters import (
    GIBIBYTE,
    describe_enlarge,
    get_present_bytes,
    propose_gibibytes,
    validate_enlarge,
)
from domain.errors import InvalidValue
from domain.states import InstanceState
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def paul() -> Instance:
    """Saint-Paul, whose plan has 2 GiB for backups."""
    return make_instance_row(state=InstanceState.ACTIVE)


def test_without_a_size_it_is_what_the_policy_needs_and_a_quarter_more_at_least(paul: Instance) -> None:
    assert get_present_bytes(paul) == 2 * GIBIBYTE
    assert validate_enlarge(paul, {}) == {"gibibytes": 3}
    make_backup_row(paul, stored_bytes=567 * 1024**2)
    proposed = propose_gibibytes(paul)
    assert 20 <= proposed <= 30, "44 sets of 567 MiB"
    assert validate_enlarge(paul, {})["gibibytes"] == proposed
    paul.grown_volumes = {"backups_volume_bytes": 100 * GIBIBYTE}
    assert propose_gibibytes(paul) == 125


@pytest.mark.parametrize("gibibytes", [1, 2])
def test_a_volume_does_not_shrink(paul: Instance, gibibytes: int) -> None:
    with pytest.raises(InvalidValue):
        validate_enlarge(paul, {"gibibytes": gibibytes})


def test_it_says_what_it_does(paul: Instance) -> None:
    told = " ".join(describe_enlarge(paul, {"gibibytes": 7}))
    assert "saint-paul" in told and "7" in told and "2" in told
