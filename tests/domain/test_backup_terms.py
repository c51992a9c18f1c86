"""What an engine is told of backups when nobody chose anything."""

from domain.backup_terms import BackupTerms
from domain.schedules import EVERY_NIGHT


def test_without_a_choice_all_is_backed_up_every_night_and_nothing_is_removed() -> None:
    terms = BackupTerms()
    assert (terms.schedule, terms.scope, terms.retention, terms.by_manager) == (EVERY_NIGHT, "full", "", False)
