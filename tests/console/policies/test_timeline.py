"""The page of what becomes of an instance's sets."""

import pytest
from django.test import Client

from backups.policies import create_policy, find_policy
from tests.backups.rows import make_backup_row
from tests.people import make_client, read_page
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_each_set_says_why_it_stays_and_when_it_goes(admin_client: Client) -> None:
    paul = make_instance_row()
    page = f"/admin/tenants/instance/{paul.pk}/retention/"
    assert "critical" in read_page(admin_client, page)
    for days in (3, 2, 1):
        make_backup_row(paul, hours_ago=24 * days, stored_bytes=1, warnings=["x"] if days == 1 else [])
    create_policy({"name": "two", "label": "x", "keep_last": 2}, requested_by="test")
    text = read_page(admin_client, page, policy="two")
    assert "Part maintenant" in text and "1 sauvegarde partirait" in text and "1 remarque" in text
    assert find_policy(paul).name == "critical"
    assert admin_client.post(page, {"policy": "two"}).status_code == 302
    assert find_policy(paul).name == "two"
    assert admin_client.get(page, {"policy": "none"}).status_code == 302
    assert page in read_page(admin_client, f"/admin/tenants/instance/{paul.pk}/change/")


def test_who_may_only_look_chooses_nothing() -> None:
    paul = make_instance_row()
    page = f"/admin/tenants/instance/{paul.pk}/retention/"
    client = make_client("tenants.view_instance", "backups.view_backup")
    assert client.get(page).status_code == 200
    assert client.post(page, {"policy": "low"}).status_code == 403
    assert make_client("tenants.view_instance", name="other").get(page).status_code == 403


def test_a_set_is_pinned_on_its_page(admin_client: Client) -> None:
    backup = make_backup_row(make_instance_row(), stored_bytes=1)
    page = f"/admin/backups/backup/{backup.pk}/"
    admin_client.post(f"{page}pin/", {"reason": "le déménagement", "until": "2127-01-31"})
    assert "le déménagement" in read_page(admin_client, f"{page}change/")
    admin_client.post(f"{page}pin/", {"remove": "1"})
    backup.refresh_from_db()
    assert backup.pinned_at is None
    admin_client.post(f"{page}pin/", {"reason": "x", "until": "bientôt"})
    backup.refresh_from_db()
    assert backup.pinned_at is None
    assert make_client("backups.view_backup").post(f"{page}pin/", {"reason": "x"}).status_code == 403
