"""Where a set is proven: a place of the parish's own, never a person's."""

import pytest
from django.utils import timezone

from backups.proof_places import LEFT_CODE, is_takeable, record_removed, take_place
from domain.errors import CiviparoisseError
from domain.specs import InstanceKind
from domain.states import InstanceState
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_place_has_the_sizes_of_the_production_and_neither_mail_nor_cron() -> None:
    paul = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    place = take_place(paul)
    assert (place.identifier, place.kind) == ("saint-paul-verification", InstanceKind.VERIFICATION)
    assert (place.plan, place.release, place.engine) == (paul.plan, paul.release, paul.engine)
    assert (place.mail_enabled, place.cron_enabled) == (False, False)
    assert place.state == InstanceState.PROVISIONING
    assert take_place(paul).pk == place.pk, "a step that is repeated takes the same one again"


def test_a_removed_place_is_taken_again_and_a_persons_own_never() -> None:
    paul = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    place = take_place(paul)
    record_removed(place.identifier, now=timezone.now())
    place.refresh_from_db()
    assert (place.state, place.error_code) == (InstanceState.DELETED, "") and place.purged_at is not None
    assert is_takeable(place)
    for state in (InstanceState.NEW, InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED):
        Instance.objects.filter(pk=place.pk).update(state=state.value)
        with pytest.raises(CiviparoisseError) as caught:
            take_place(paul)
        assert caught.value.code == "proof_place_taken"
    Instance.objects.filter(pk=place.pk).update(state=InstanceState.FAILED.value, error_code=LEFT_CODE)
    assert take_place(paul).error_code == ""


def test_a_place_whose_backups_were_kept_is_not_purged_with_them() -> None:
    paul = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    place = take_place(paul)
    record_removed(place.identifier, now=timezone.now())
    place.refresh_from_db()
    make_backup_row(place, hours_ago=1)
    assert not is_takeable(place)
