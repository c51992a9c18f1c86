"""What narrows the list of backups."""

import re

import pytest
from django.test import Client
from django.utils.timezone import localtime

from backups.models import BackupState
from domain.states import InstanceState
from offsite.models import BackupCopy, CopyState, Destination, DestinationKind
from tests.backups.rows import make_backup_row
from tests.people import read_page
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
BACKUPS = "/admin/backups/backup/"


def list_shown(client: Client, **query: str) -> set[int]:
    page = read_page(client, BACKUPS, **query)
    return {int(key) for key in re.findall(rf"{BACKUPS}(\d+)/change/", page)}


def test_sets_are_found_by_parish_state_place_and_day(admin_client: Client) -> None:
    paul, marie = (make_instance_row(slug, state=InstanceState.ACTIVE) for slug in ("saint-paul", "sainte-marie"))
    copied, alone = make_backup_row(paul, hours_ago=72, stored_bytes=1), make_backup_row(marie, stored_bytes=1)
    failed = make_backup_row(marie, state=BackupState.FAILED)
    shelf = Destination.objects.create(name="shelf", kind=DestinationKind.DIRECTORY)
    BackupCopy.objects.create(backup=copied, destination=shelf, state=CopyState.CHECKED)
    BackupCopy.objects.create(backup=alone, destination=shelf, state=CopyState.DIFFERENT)
    every = {copied.pk, alone.pk, failed.pk}
    assert list_shown(admin_client) == every
    assert list_shown(admin_client, instance__tenant__id__exact=str(paul.tenant_id)) == {copied.pk}
    assert list_shown(admin_client, state__exact="failed") == {failed.pk}
    assert list_shown(admin_client, place="volume") == {copied.pk, alone.pk}
    assert list_shown(admin_client, place="shelf") == {copied.pk}
    assert list_shown(admin_client, place="-") == {alone.pk}
    day = f"{localtime(copied.started_at):%d/%m/%Y}"
    assert list_shown(admin_client, started_at_from=day, started_at_to=day) == {copied.pk}, "that whole day"
    assert copied.pk in list_shown(admin_client, started_at_to=f"{localtime(copied.started_at):%Y-%m-%d}")
    assert list_shown(admin_client, started_at_from="nonsense") == every


def test_a_parish_is_searched_for_and_not_looked_for_among_hundreds(admin_client: Client) -> None:
    for number in range(30):
        make_backup_row(make_instance_row(f"parish-{number}", state=InstanceState.ACTIVE))
    page = read_page(admin_client, BACKUPS)
    filters = page[page.index('id="changelist-filter') :] if 'id="changelist-filter' in page else page
    assert "autocomplete" in page and filters.count("parish-7<") <= 1
