"""Backups in the administration."""

import pytest
from django.test import Client

from backups.models import BackupReason, BackupScope, BackupState
from domain.states import InstanceState
from tests.backups.rows import make_backup_row
from tests.people import count_queries, make_client, read_page
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
BACKUPS = "/admin/backups/backup/"
NO_BREAK = "\u00a0"


def test_the_list_shows_age_size_and_state_in_french(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    make_backup_row(instance, hours_ago=3.1, stored_bytes=int(12.5 * 1024**2), scope=BackupScope.DATABASE)
    page = read_page(admin_client, BACKUPS)
    for text in ("il y a 3 heures", "12,5 Mio", "bonne", "bases de données seulement", "Restaurer…", "Sauvegardes"):
        assert text in page, text


def test_only_what_can_be_restored_now_offers_it(admin_client: Client) -> None:
    ready = make_instance_row(state=InstanceState.ACTIVE)
    failed = make_backup_row(ready, state=BackupState.FAILED)
    busy = make_backup_row(make_instance_row("saint-jean", state=InstanceState.RESTORING))
    assert "Restaurer…" not in read_page(admin_client, BACKUPS)
    for row in (failed, busy):
        assert "Restaurer cette sauvegarde" not in read_page(admin_client, f"{BACKUPS}{row.pk}/change/")
    good = make_backup_row(ready)
    link = f"/admin/tenants/instance/{ready.pk}/ask/restore/?backup_id={good.backup_id}"
    assert link in read_page(admin_client, BACKUPS)
    assert link in read_page(admin_client, f"{BACKUPS}{good.pk}/change/")


def test_a_page_offers_to_remove_what_does_not_always_stay(admin_client: Client) -> None:
    ready = make_instance_row(state=InstanceState.ACTIVE)
    old, newest = (make_backup_row(ready, hours_ago=hours, stored_bytes=1000) for hours in (48, 1))
    page = read_page(admin_client, f"{BACKUPS}{old.pk}/change/")
    link = f"/admin/tenants/instance/{ready.pk}/ask/prune/?backup_ids={old.backup_id}"
    assert link in page and "Supprimer cette sauvegarde" in page
    assert "Supprimer cette sauvegarde" not in read_page(admin_client, f"{BACKUPS}{newest.pk}/change/")
    asked = read_page(admin_client, link)
    assert "1 sauvegarde de saint-paul est supprimée pour de bon" in asked
    typed = {"idempotency_key": "once", "backup_ids": old.backup_id, "confirm": "saint-paul"}
    admin_client.post(link.partition("?")[0], typed)
    assert ready.operations.get().parameters["backup_ids"] == [old.backup_id]


def test_a_page_tells_all_that_is_known(admin_client: Client) -> None:
    row = make_backup_row(
        make_instance_row(state=InstanceState.ACTIVE),
        stored_bytes=3 * 1024**3,
        plain_bytes=9 * 1024**3,
        rows=1234567,
        duration_seconds=75.4,
        reason=BackupReason.SAFETY,
        warnings=["2 files changed"],
    )
    page = read_page(admin_client, f"{BACKUPS}{row.pk}/change/")
    for text in (
        "3,0 Gio",
        "9,0 Gio",
        "1 234 567",
        "1 min 15 s",
        "copie de sécurité",
        "2 files changed",
        row.backup_id,
    ):
        assert text in page, text


def test_a_failed_backup_says_why(admin_client: Client) -> None:
    row = make_backup_row(
        make_instance_row(state=InstanceState.ACTIVE),
        state=BackupState.FAILED,
        error_code="job_lost",
        error_params={"program": "backup", "instance": "saint-paul"},
    )
    page = read_page(admin_client, f"{BACKUPS}{row.pk}/change/")
    assert "programme de sauvegarde a été tué sur saint-paul" in page and "Que faire" in page


def test_nothing_is_added_changed_or_deleted_here(admin_client: Client) -> None:
    row = make_backup_row(make_instance_row(state=InstanceState.ACTIVE))
    for path in ("add/", f"{row.pk}/delete/"):
        assert admin_client.post(f"{BACKUPS}{path}", {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.state == BackupState.GOOD


def test_permissions_are_asked() -> None:
    row = make_backup_row(make_instance_row(state=InstanceState.ACTIVE))
    stranger = make_client(name="stranger")
    assert [stranger.get(path).status_code for path in (BACKUPS, f"{BACKUPS}{row.pk}/change/")] == [403, 403]
    looker = make_client("backups.view_backup")
    assert "Restaurer" not in read_page(looker, f"{BACKUPS}{row.pk}/change/")
    assert "Restaurer…" not in read_page(looker, BACKUPS)
    assert looker.get(f"{BACKUPS}999999/change/").status_code == 404


def test_the_number_of_queries_does_not_grow(admin_client: Client) -> None:
    for number in range(3):
        make_backup_row(make_instance_row(f"parish-{number}", state=InstanceState.ACTIVE))
    few = count_queries(admin_client, BACKUPS)
    for number in range(3, 30):
        make_backup_row(make_instance_row(f"parish-{number}", state=InstanceState.ACTIVE))
    assert count_queries(admin_client, BACKUPS) == few
