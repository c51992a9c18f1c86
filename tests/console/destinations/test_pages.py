"""Destinations in the administration: recorded, checked, their copies seen; secrets go in only."""

from pathlib import Path

import pytest
from django.test import Client

from domain.states import InstanceState
from offsite.destinations import create_destination
from offsite.models import BackupCopy, CopyState, Destination
from tests.backups.rows import make_backup_row
from tests.offsite.places import make_copy
from tests.people import count_queries, make_client, read_page
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
LIST = "/admin/offsite/destination/"
SECRET = "a secret of the destination"


@pytest.fixture
def shelf(tmp_path: Path) -> Destination:
    return create_destination({"name": "shelf", "kind": "directory", "path": str(tmp_path)}, requested_by="test")


def make_s3_row() -> Destination:
    data = {"name": "s3", "kind": "s3", "bucket": "copies", "access_key_id": "reader", "secret_access_key": SECRET}
    return create_destination(data, requested_by="test")


def _page(row: Destination, name: str = "page") -> str:
    return f"{LIST}{row.pk}/{name}/"


def test_a_destination_is_recorded_changed_and_its_page_comes_next(admin_client: Client, tmp_path: Path) -> None:
    values = {"name": "shelf", "kind": "directory", "enabled": "on", "at_most": 2, "bandwidth_kib": 0}
    values |= {"lock_mode": "none", "lock_days": 0, "directory__path": str(tmp_path)}
    assert "sftp__host" in read_page(admin_client, f"{LIST}add/")
    answer = admin_client.post(f"{LIST}add/", values)
    row = Destination.objects.get()
    assert answer.status_code == 302 and answer.headers["Location"] == _page(row), answer.content[-3000:]
    assert row.settings == {"path": str(tmp_path)} and row.place
    assert str(tmp_path) in read_page(admin_client, _page(row))
    admin_client.post(f"{LIST}{row.pk}/change/", {**values, "at_most": 5})
    row.refresh_from_db()
    assert row.at_most == 5 and row.name == "shelf"


def test_a_secret_is_never_sent_back(admin_client: Client) -> None:
    row = make_s3_row()
    looker = make_client("offsite.view_destination")
    for page in (_page(row), f"{LIST}{row.pk}/change/", LIST):
        assert SECRET not in read_page(admin_client, page) and SECRET not in read_page(looker, page)
    assert "s3__" not in read_page(looker, f"{LIST}{row.pk}/change/")
    assert looker.post(_page(row, "check")).status_code == 403
    assert make_client(name="paul").get(_page(row)).status_code == 403


def test_a_check_is_asked_and_shown(admin_client: Client, shelf: Destination) -> None:
    assert admin_client.get(_page(shelf, "check")).status_code == 404, "only POST asks"
    assert admin_client.post(_page(shelf, "check")).headers["Location"] == _page(shelf)
    shelf.refresh_from_db()
    assert shelf.level == "warning" and "cp-table" in read_page(admin_client, _page(shelf))


def test_copies_are_shown_and_a_damaged_one_is_asked_for_anew(admin_client: Client, shelf: Destination) -> None:
    paul = make_instance_row(state=InstanceState.ACTIVE)
    good, bad = (make_copy(make_backup_row(paul, hours_ago=hours), shelf) for hours in (1, 2))
    BackupCopy.objects.filter(pk=bad.pk).update(state=CopyState.MISSING)
    page = read_page(admin_client, _page(shelf))
    assert good.backup.backup_id in page and _page(shelf, f"again/{bad.pk}") in page
    admin_client.post(_page(shelf, f"again/{bad.pk}"))
    bad.refresh_from_db()
    assert bad.state == CopyState.WAITING and bad.left_names


def test_one_with_copies_is_not_forgotten_and_an_empty_one_is(admin_client: Client, shelf: Destination) -> None:
    copy = make_copy(make_backup_row(make_instance_row()), shelf)
    assert admin_client.post(f"{LIST}{shelf.pk}/delete/", {"post": "yes"}).headers["Location"] == _page(shelf)
    copy.delete()
    admin_client.post(f"{LIST}{shelf.pk}/delete/", {"post": "yes"})
    assert not Destination.objects.exists()


def test_the_page_asks_the_database_as_often_for_many_copies(admin_client: Client, shelf: Destination) -> None:
    paul = make_instance_row(state=InstanceState.ACTIVE)
    make_copy(make_backup_row(paul), shelf)
    few = count_queries(admin_client, _page(shelf))
    for hours in range(2, 12):
        make_copy(make_backup_row(paul, hours_ago=hours), shelf)
    assert count_queries(admin_client, _page(shelf)) == few
