"""The words of columns are those of the vocabulary."""

from backups.choices import BackupFrequency, BackupState
from domain import states
from domain.schedules import Frequency


def test_columns_have_the_words_of_the_vocabulary() -> None:
    assert set(BackupState.values) == {state.value for state in states.BackupState}
    assert set(BackupFrequency.values) == {frequency.value for frequency in Frequency}
