"""What vouches for a set: a key, a countersignature over exactly this manifest, or a person."""

from pathlib import Path

import pytest

from domain.errors import CiviparoisseError
from offsite.comparing import list_facts
from offsite.import_trust import ACCEPTED_WARNING, Trust, find_trust, make_own_manifest
from offsite.keys import sign
from offsite.models import BackupCopy, Destination
from programs.run.failures import ProgramError
from programs.sets.manifest import parse_manifest, read_manifest_bytes
from programs.sets.signing import check_signature, compute_sha256
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.backups.sets import KEY, make_set
from tests.programs.forgery import forge_set
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db

OTHER_KEY = b"o" * 32


@pytest.fixture
def instance() -> Instance:
    """The instance whose key signed the sets of these tests."""
    row = make_instance_row()
    row.secrets = {"manifest_key": KEY.decode()}
    return row


def ask(found: Path, instance: Instance, *, accepted: str = "") -> Trust:
    """Return what vouches for a set."""
    data = read_manifest_bytes(found)
    return find_trust(data, parse_manifest(data), instance=instance, accepted=accepted)


def test_its_own_key_vouches_and_a_change_is_never_accepted(instance: Instance, tmp_path: Path) -> None:
    found = make_set(tmp_path)
    assert ask(found, instance) is Trust.SIGNED
    manifest = found / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"hot"', b'"cold"'))
    with pytest.raises(ProgramError) as refused:
        ask(found, instance, accepted=instance.identifier)
    assert refused.value.code == "signature_invalid"


def test_a_countersignature_is_of_one_manifest_by_a_known_key(
    instance: Instance, tmp_path: Path, destination: Destination
) -> None:
    foreign = forge_set(make_set(tmp_path), tmp_path / "foreign", key=OTHER_KEY)
    data = read_manifest_bytes(foreign)
    row = make_backup_row(instance)
    type(row).objects.filter(pk=row.pk).update(backup_id=parse_manifest(data).backup_id)
    row.refresh_from_db()
    copy = BackupCopy(
        backup=row, destination=destination, manifest_sha256=compute_sha256(data), contents_sha256="c" * 64
    )
    copy.countersignature, copy.signed_by = sign(list_facts(copy))
    copy.save()
    assert ask(foreign, instance) is Trust.COUNTERSIGNED
    own = make_own_manifest(data, parse_manifest(data), instance=instance, trust=Trust.COUNTERSIGNED)
    check_signature(own, key=KEY)
    assert parse_manifest(own).warnings == parse_manifest(data).warnings
    other = forge_set(foreign, tmp_path / "other", key=OTHER_KEY, warnings=["another manifest"])
    for changed in ({"signed_by": "0" * 64}, {"countersignature": "0" * 128}, {"contents_sha256": "d" * 64}):
        BackupCopy.objects.filter(pk=copy.pk).update(**changed)
        with pytest.raises(CiviparoisseError) as refused:
            ask(foreign, instance)
        assert refused.value.code == "import_unsigned"
        copy.save()
    with pytest.raises(CiviparoisseError):
        ask(other, instance)
    assert ask(foreign, instance) is Trust.COUNTERSIGNED


def test_what_a_person_accepts_says_so_for_ever(instance: Instance, tmp_path: Path) -> None:
    foreign = forge_set(make_set(tmp_path), tmp_path / "foreign", key=OTHER_KEY)
    data = read_manifest_bytes(foreign)
    for typed in ("", "saint", "SAINT-PAUL"):
        with pytest.raises(CiviparoisseError) as refused:
            ask(foreign, instance, accepted=typed)
        assert refused.value.code == "import_unsigned"
    assert ask(foreign, instance, accepted="saint-paul") is Trust.ACCEPTED
    own = make_own_manifest(data, parse_manifest(data), instance=instance, trust=Trust.ACCEPTED)
    check_signature(own, key=KEY)
    assert parse_manifest(own).warnings == [*parse_manifest(data).warnings, ACCEPTED_WARNING]
    assert make_own_manifest(data, parse_manifest(data), instance=instance, trust=Trust.ACCEPTED) == own
