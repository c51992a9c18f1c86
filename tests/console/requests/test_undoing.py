"""The undo of a restore, wherever it was asked from: the button, the page, and the request that comes of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from backups.models import Backup, BackupReason
from console.requests.undoing import make_undo
from domain.parish_requests import RequestState, Wish
from operations.models import Operation
from parish_requests.models import RestoreRequest
from tests.backups.rows import make_backup_row
from tests.console.requests.rows import get_instance, make_request_row, set_state
from tests.people import make_client, read_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
ENTER = "parish_requests.add_restorerequest"
MAY = (ENTER, "operations.view_operation", "parish_requests.view_restorerequest")


def make_restore(*, days_ago: float = 1, state: str = "succeeded", kind: str = "restore") -> Operation:
    """Return a restore of Saint-Paul that took a safety copy and ended so many days ago."""
    instance = get_instance()
    safety: Backup = make_backup_row(instance, hours_ago=24 * days_ago + 1, reason=BackupReason.SAFETY, scope="full")
    return Operation.objects.create(
        kind=kind, instance=instance, subject=instance.identifier, requested_by="jeanne", state=state,
        ended_at=timezone.now() - timedelta(days=days_ago), data={"safety_backup_id": safety.backup_id},
    )  # fmt: skip


def _pages(operation: Operation) -> tuple[str, str]:
    page = f"/admin/operations/operation/{operation.pk}/change/"
    return page, f"/admin/parish_requests/restorerequest/undo/{operation.pk}/"


def test_a_restore_that_was_asked_anywhere_is_undone_as_a_request() -> None:
    operation = make_restore()
    page, undo = _pages(operation)
    client = make_client(*MAY, name="anne")
    assert undo in read_page(client, page) and "Annuler cette restauration" in read_page(client, page)
    assert "copie de sécurité" in read_page(client, undo) and not RestoreRequest.objects.exists()
    assert client.post(undo, {"why": "", "channel": ""}).status_code == 200 and not RestoreRequest.objects.exists()
    answer = client.post(undo, {"why": "It was the wrong day", "channel": "by telephone"}, follow=True)
    request = RestoreRequest.objects.get()
    assert (request.wish, request.state, request.entered_by) == (Wish.UNDO, RequestState.SUBMITTED, "anne")
    assert request.backup is not None and request.backup.backup_id == operation.data["safety_backup_id"]
    assert request.reference in answer.content.decode()
    # Asked once, it is not offered again while it is open.
    assert undo not in read_page(client, page)
    assert client.post(undo, {"why": "again", "channel": "x"}).status_code == 302
    assert RestoreRequest.objects.count() == 1


@pytest.mark.parametrize(
    "values", [{"days_ago": 14.1}, {"state": "failed"}, {"state": "cancelled"}, {"kind": "backup"}], ids=str
)
def test_what_cannot_be_undone_has_no_button(values: dict[str, object]) -> None:
    operation = make_restore(**values)  # type: ignore[arg-type]
    page, undo = _pages(operation)
    client = make_client(*MAY)
    assert undo not in read_page(client, page)
    assert client.get(undo).status_code == 302 and client.post(undo, {"why": "x", "channel": "y"}).status_code == 302
    assert not RestoreRequest.objects.exists()


def test_a_safety_copy_that_is_gone_cannot_be_put_back() -> None:
    operation = make_restore()
    Backup.objects.filter(backup_id=operation.data["safety_backup_id"]).update(state="deleted")
    page, undo = _pages(operation)
    assert undo not in read_page(make_client(*MAY), page)


def test_the_request_s_page_has_the_button_too() -> None:
    operation = make_restore()
    request = set_state(make_request_row(), RequestState.DONE, operation=operation)
    client = make_client(*MAY)
    assert _pages(operation)[1] in read_page(client, f"/admin/parish_requests/restorerequest/{request.pk}/change/")


def test_permission_is_asked() -> None:
    operation = make_restore()
    page, undo = _pages(operation)
    client = make_client("operations.view_operation", "parish_requests.view_restorerequest", name="reader")
    assert undo not in read_page(client, page)
    assert client.get(undo).status_code == 403 and client.post(undo, {"why": "x", "channel": "y"}).status_code == 403
    assert make_undo(operation, User.objects.get(username="reader")) is None
    assert make_client(ENTER, name="anne").get(f"{undo[:-1]}9/").status_code == 404
