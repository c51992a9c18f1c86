"""What a proof accepts: a good set of everything, of a production instance; the newest unproven one by default."""

from collections.abc import Collection

import pytest
from django.utils import timezone

from backups import proof_sources
from backups.models import Backup, BackupScope, BackupState, ProofOutcome, ProofReport
from backups.proof_sources import VOLUME, PlacesAway
from backups.prove_parameters import describe_prove, offer_sets, offer_sources, validate_prove
from domain.errors import CiviparoisseError, InvalidValue
from domain.specs import InstanceKind
from operations.outcomes import Done, StepContext
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
NEXT = {"backup": "", "source": ""}


@pytest.fixture
def paul() -> Instance:
    return make_instance_row("saint-paul")


def test_the_newest_set_that_is_not_proven_is_chosen_else_the_newest(paul: Instance) -> None:
    rows = [make_backup_row(paul, hours_ago=hours) for hours in (1, 2, 3)]
    make_backup_row(paul, hours_ago=0, scope=BackupScope.DATABASE)
    assert validate_prove(paul, NEXT)["backup"] == rows[0].backup_id
    Backup.objects.filter(pk=rows[0].pk).update(proven_at=timezone.now())
    assert validate_prove(paul, NEXT) == {"backup": rows[1].backup_id, "source": VOLUME}
    Backup.objects.update(proven_at=timezone.now())
    assert validate_prove(paul, NEXT)["backup"] == rows[0].backup_id
    assert [backup_id for backup_id, _label in offer_sets(paul)] == [row.backup_id for row in rows]
    assert rows[2].backup_id in describe_prove(paul, {"backup": rows[2].backup_id, "source": VOLUME})[0]


def test_what_cannot_be_proven_is_refused(paul: Instance) -> None:
    with pytest.raises(CiviparoisseError) as caught:
        validate_prove(paul, NEXT)
    assert caught.value.code == "nothing_to_prove"
    bad = make_backup_row(paul, hours_ago=1, state=BackupState.FAILED)
    with pytest.raises(InvalidValue):
        validate_prove(paul, {**NEXT, "backup": bad.backup_id})
    paul.kind = InstanceKind.SANDBOX.value
    with pytest.raises(CiviparoisseError) as caught:
        validate_prove(paul, NEXT)
    assert caught.value.code == "proof_of_production"


def test_copies_away_and_the_volume_are_proven_in_turn(paul: Instance, away: dict[str, list[str]]) -> None:
    newest, older = (make_backup_row(paul, hours_ago=hours) for hours in (1, 2))
    away[older.backup_id] = ["shelf", "attic"]
    assert [name for name, _label in offer_sources(paul)] == [VOLUME, "attic", "shelf"]
    proven = []
    for _turn in range(40):
        chosen = validate_prove(paul, NEXT)
        backup = newest if chosen["source"] == VOLUME else older
        assert chosen["backup"] == backup.backup_id
        ProofReport.objects.create(
            backup=backup, outcome=ProofOutcome.UNDECIDED, source=chosen["source"], ended_at=timezone.now()
        )
        proven.append(chosen["source"])
    assert proven[0::2] == [VOLUME] * 20 and VOLUME not in proven[1::2]
    assert set(proven[1::2]) == {"shelf", "attic"}, "one chance in 500 000 that only one of both was ever chosen"


def test_the_place_that_a_person_chooses_is_taken_or_refused(paul: Instance, away: dict[str, list[str]]) -> None:
    newest, older = (make_backup_row(paul, hours_ago=hours) for hours in (1, 2))
    away[older.backup_id] = ["shelf"]
    assert validate_prove(paul, {"backup": "", "source": "shelf"})["backup"] == older.backup_id
    assert validate_prove(paul, {"backup": older.backup_id, "source": VOLUME})["source"] == VOLUME
    for asked in ({"backup": newest.backup_id, "source": "shelf"}, {"backup": "", "source": "attic"}):
        with pytest.raises(InvalidValue):
            validate_prove(paul, asked)
    told = describe_prove(paul, {"backup": older.backup_id, "source": "shelf"})
    assert any("shelf" in sentence for sentence in told)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Which places have copies of which sets; real places are in tests/offsite."""
    copies: dict[str, list[str]] = {}

    def list_names(backup_ids: Collection[str]) -> dict[str, list[str]]:
        return {backup_id: names for backup_id, names in copies.items() if backup_id in set(backup_ids)}

    def fetch(context: StepContext, backup: Backup, place: str) -> Done:
        raise AssertionError(f"{backup} {place} {context.step}")

    places = PlacesAway(list_names=list_names, fetch=fetch, note=lambda *_told: None)
    monkeypatch.setattr(proof_sources, "_known", [places])
    return copies
