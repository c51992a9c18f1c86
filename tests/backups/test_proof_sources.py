"""Where a proof takes its set from. Which place's turn it is: test_prove_parameters; real places: tests/offsite."""

import pytest
from django.utils import timezone

from backups.models import ProofOutcome, ProofReport
from backups.proof_sources import VOLUME, choose_at_random, is_turn_of_volume, list_places_away
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_the_volume_begins_and_then_the_turns_change() -> None:
    paul = make_instance_row()
    backup = make_backup_row(paul)
    assert is_turn_of_volume(paul)
    for source, then in ((VOLUME, False), ("shelf", True), (VOLUME, False)):
        ProofReport.objects.create(backup=backup, outcome=ProofOutcome.PROVEN, source=source, ended_at=timezone.now())
        assert is_turn_of_volume(paul) is then


def test_every_place_has_its_chance_and_sets_without_copies_are_nowhere() -> None:
    assert {choose_at_random(["a", "b", "c"]) for _try in range(200)} == {"a", "b", "c"}
    assert list_places_away([make_backup_row(make_instance_row()).backup_id]) == {}
