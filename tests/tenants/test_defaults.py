"""There is always exactly one default plan and one default release."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from domain.errors import CiviparoisseError
from tenants.models import Release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def list_defaults() -> list[str]:
    return list(Release.objects.filter(is_default=True).values_list("name", flat=True))


def test_an_installation_begins_with_one() -> None:
    assert list_defaults() == ["0.1.1"]


def test_making_another_the_default_unmakes_the_first() -> None:
    Release.objects.create(name="next", is_default=True)
    assert list_defaults() == ["next"]


def test_another_row_changes_nothing() -> None:
    Release.objects.create(name="next")
    assert list_defaults() == ["0.1.1"]


def test_the_first_row_of_all_is_the_default() -> None:
    Release.objects.update(is_default=False)
    Release.objects.create(name="next")
    assert list_defaults() == ["next"]


def test_the_default_cannot_be_unmade_without_another() -> None:
    release = Release.objects.get(name="0.1.1")
    release.is_default = False
    with pytest.raises(ValidationError) as told:
        release.full_clean()
    assert list(told.value.message_dict) == ["is_default"]
    with pytest.raises(CiviparoisseError) as caught:
        release.save()
    assert caught.value.code == "default_needed"
    assert list_defaults() == ["0.1.1"]


@pytest.mark.parametrize("bulk", [False, True])
def test_the_default_cannot_be_deleted(bulk: bool) -> None:
    with pytest.raises(CiviparoisseError) as caught:
        Release.objects.all().delete() if bulk else Release.objects.get().delete()
    assert caught.value.code == "default_needed"
    Release.objects.create(name="next")
    Release.objects.filter(name="next").delete()
    assert list_defaults() == ["0.1.1"]


def test_the_database_itself_refuses_a_second_one() -> None:
    Release.objects.create(name="next")
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.update(is_default=True)


def test_saving_the_default_again_keeps_it() -> None:
    release = Release.objects.get(name="0.1.1")
    release.versions = {}
    release.full_clean()
    release.save()
    assert list_defaults() == ["0.1.1"]
