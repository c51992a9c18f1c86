"""The form by which a request is entered: what it offers."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from backups.models import Backup, BackupReason, BackupState
from console.requests.entry_forms import EntryForm, word_moment
from domain.parish_requests import Wish
from parish_requests.moments import list_moments
from tests.backups.rows import make_backup_row
from tests.console.requests.rows import get_instance, make_moment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]


def test_good_sets_are_offered_newest_first_and_no_safety_copy() -> None:
    instance = get_instance()
    old, new = make_moment(hours_ago=30), make_moment(hours_ago=3)
    make_backup_row(instance, hours_ago=2, state=BackupState.FAILED)
    make_backup_row(instance, hours_ago=1, reason=BackupReason.SAFETY)
    form = EntryForm(instance=instance)
    assert [key for key, _text in form.fields["moment"].choices] == ["", str(new.pk), str(old.pk)]  # type: ignore[attr-defined]


def test_every_wish_but_the_undo_is_offered() -> None:
    offered = {key for key, _text in EntryForm(instance=get_instance()).fields["wish"].choices}  # type: ignore[attr-defined]
    assert offered == {wish.value for wish in Wish} - {"undo"}


def test_a_moment_says_when_it_was_proven() -> None:
    backup = make_moment()
    Backup.objects.filter(pk=backup.pk).update(proven_at=timezone.now() - timedelta(hours=1))
    (moment,) = list_moments(backup.instance)
    with translation.override("fr"):
        assert "éprouvée le" in word_moment(moment)
