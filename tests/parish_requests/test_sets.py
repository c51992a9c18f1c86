"""Whether a set can still be what a request puts back, at each later look."""

import pytest

from backups import elsewhere
from backups.models import Backup, BackupState
from domain.errors import CiviparoisseError
from domain.parish_requests import RequestScope, Wish
from parish_requests.models import RestoreRequest
from parish_requests.sets import check_set, read_part, refuse_gone, refuse_unusable, split_part
from tests.backups.rows import make_backup_row
from tests.parish_requests.cast import make_draft, make_parish

pytestmark = pytest.mark.django_db


def test_a_set_that_is_gone_from_its_volume_can_come_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    backup = make_backup_row(make_parish(), state=BackupState.DELETED)
    with pytest.raises(CiviparoisseError, match=backup.backup_id):
        refuse_unusable(backup)
    monkeypatch.setattr(elsewhere, "_places", [(None, lambda asked: asked == backup)])
    refuse_unusable(backup)
    check_set(backup.instance, backup, wish=Wish.RESTORE, scope=RequestScope.EVERYTHING)
    Backup.objects.filter(pk=backup.pk).update(state=BackupState.FAILED)
    backup.refresh_from_db()
    with pytest.raises(CiviparoisseError):
        refuse_unusable(backup)


def test_a_request_without_a_moment_needs_none() -> None:
    instance = make_parish()
    help_, restore = make_draft(instance, wish="help"), make_draft(instance)
    refuse_gone(help_)
    refuse_gone(restore)
    Backup.objects.all().delete()
    refuse_gone(RestoreRequest.objects.get(pk=help_.pk))
    with pytest.raises(CiviparoisseError) as refused:
        refuse_gone(RestoreRequest.objects.get(pk=restore.pk))
    assert refused.value.code == "request_set_gone"


def test_a_part_is_kept_as_tree_and_path() -> None:
    instance = make_parish()
    assert read_part(instance, RequestScope.PART, " sites/default/files/é à.txt/ ") == "sites/default/files/é à.txt"
    assert read_part(instance, RequestScope.DATA, "") == ""
    assert split_part("sites/default/files") == ("sites", "default/files")
