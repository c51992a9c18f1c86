"""Backups and restores of real instances: compared by inventory, counts, checksums and every file's content."""

import pytest
from django.conf import LazySettings

from backups.models import Backup, BackupReason, BackupState
from domain.specs import ALL_COMPONENTS, Component, InstanceKind
from domain.states import InstanceState, OperationKind, OperationState
from tenants.models import Instance
from tests.backups.parishes import Parishes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]

BACKUP, RESTORE = OperationKind.BACKUP, OperationKind.RESTORE


def write(parishes: Parishes, instance: Instance, word: str) -> None:
    """Add rows with awkward text, and files of both trees."""
    parishes.execute(
        instance,
        f"INSERT INTO civicrm.civicrm_contact (contact_type, display_name, sort_name)"
        f" VALUES ('Individual', 'É''lise 🎉 {word}', '{word}')",
    )
    parishes.write_file(instance, f"private/{word}.bin", bytes(range(256)) * 50)
    parishes.write_file(instance, f"files/{word} é.txt", word.encode())


def damage(parishes: Parishes, instance: Instance) -> None:
    """Drop a table no view needs, change rows, delete files, the site's settings too, and add some."""
    parishes.execute(
        instance,
        "DROP TABLE drupal.key_value",
        "DELETE FROM civicrm.civicrm_email",
        "CREATE TABLE civicrm.left_over (id INT PRIMARY KEY)",
    )
    for path in (parishes.directory(instance) / "private").glob("*.bin"):
        path.unlink()
    (parishes.directory(instance) / "files" / "default" / "settings.php").unlink()
    parishes.write_file(instance, "files/added.txt", b"was not there")


def restore(parishes: Parishes, instance: Instance, backup_id: str, **asked: object) -> dict[str, object]:
    """Restore and return the operation's result."""
    operation = parishes.run(RESTORE, instance, backup_id=backup_id, confirm=instance.identifier, **asked)
    return operation.result


def test_a_damaged_parish_is_whole_again_and_the_others_are_untouched(parishes: Parishes) -> None:
    paul, marie = parishes.get(), parishes.get("sainte-marie")
    write(parishes, paul, "round-trip")
    backup = Backup.objects.get(backup_id=parishes.run(BACKUP, paul).result["backup_id"])
    assert backup.state == BackupState.GOOD
    assert backup.rows and backup.tables and backup.members and backup.stored_bytes
    before, other = parishes.read(paul), parishes.read(marie)
    damage(parishes, paul)
    assert parishes.read(paul) != before
    result = restore(parishes, paul, backup.backup_id)
    assert parishes.read(paul) == before
    assert parishes.read(marie) == other
    parishes.check_running(paul, ALL_COMPONENTS)
    safety = Backup.objects.get(backup_id=result["safety_backup_id"])
    assert (safety.reason, safety.state) == (BackupReason.SAFETY, BackupState.GOOD)
    assert paul.state == InstanceState.ACTIVE


def test_the_safety_backup_undoes_a_restore(parishes: Parishes) -> None:
    paul = parishes.get()
    backup_id = parishes.run(BACKUP, paul).result["backup_id"]
    write(parishes, paul, "later")
    later = parishes.read(paul)
    safety_id = restore(parishes, paul, backup_id)["safety_backup_id"]
    assert parishes.read(paul) != later
    restore(parishes, paul, str(safety_id))
    assert parishes.read(paul) == later


def test_one_database_and_the_files_can_be_restored_alone(parishes: Parishes) -> None:
    paul = parishes.get()
    write(parishes, paul, "partial")
    backup_id = parishes.run(BACKUP, paul).result["backup_id"]
    before = parishes.read(paul)
    damage(parishes, paul)
    damaged = parishes.read(paul)
    restore(parishes, paul, backup_id, database="civicrm")
    after = parishes.read(paul)
    assert after.files == damaged.files
    for name, value in after.databases.items():
        assert value == (before if name.startswith("civicrm") else damaged).databases[name], name
    restore(parishes, paul, backup_id, scope="files")
    assert parishes.read(paul).files == before.files
    assert parishes.read(paul).databases == after.databases
    restore(parishes, paul, backup_id, scope="database")
    assert parishes.read(paul) == before


@pytest.mark.parametrize("scope", ["database", "files"])
def test_a_partial_backup_restores_what_it_holds(parishes: Parishes, scope: str) -> None:
    paul = parishes.get()
    backup_id = parishes.run(BACKUP, paul, scope=scope, codec="zstd").result["backup_id"]
    before = parishes.read(paul)
    write(parishes, paul, f"after-{scope}")
    after = parishes.read(paul)
    restore(parishes, paul, backup_id)
    now = parishes.read(paul)
    assert now.databases == (before if scope == "database" else after).databases
    assert now.files == (before if scope == "files" else after).files


def test_a_cold_backup_starts_again_what_it_stopped(parishes: Parishes) -> None:
    paul = parishes.get()
    operation = parishes.run(BACKUP, paul, mode="cold")
    states = dict(operation.steps.values_list("name", "state"))
    assert (states["stop_site"], states["put_back"]) == ("done", "done")
    parishes.check_running(paul, ALL_COMPONENTS)


def test_a_suspended_instance_is_backed_up_and_stays_suspended(parishes: Parishes) -> None:
    paul = parishes.get()
    parishes.run(OperationKind.SUSPEND, paul)
    operation = parishes.run(BACKUP, paul)
    assert Backup.objects.get(backup_id=operation.result["backup_id"]).state == BackupState.GOOD
    parishes.check_running(paul, frozenset[Component]())
    assert paul.state == InstanceState.SUSPENDED
    parishes.run(OperationKind.RESUME, paul)


def test_a_restore_that_fails_half_way_puts_the_safety_backup_back(parishes: Parishes, settings: LazySettings) -> None:
    paul = parishes.get()
    settings.READY_TIMEOUT_SECONDS = 8
    write(parishes, paul, "half-way")
    backup_id = parishes.run(BACKUP, paul).result["backup_id"]
    write(parishes, paul, "newer")
    before = parishes.read(paul)
    # The set is whole, so that every check passes; what it restores is a page without the parish's name.
    tenant = paul.tenant
    tenant.name = "Another name than the data's"
    tenant.save()
    operation = parishes.run(RESTORE, paul, expected=OperationState.FAILED, backup_id=backup_id, confirm="saint-paul")
    assert operation.error_code == "restore_rolled_back"
    assert operation.error_params["cause"] == "deadline_exceeded"
    assert operation.result == {"rolled_back": True}
    assert parishes.read(paul) == before
    parishes.check_running(paul, ALL_COMPONENTS)
    assert paul.state == InstanceState.ACTIVE


def test_a_damaged_set_is_refused_before_anything_is_stopped(parishes: Parishes) -> None:
    paul = parishes.get()
    backup_id = parishes.run(BACKUP, paul).result["backup_id"]
    path = parishes.directory(paul) / "backups" / backup_id / "civicrm.sql.gz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    before = parishes.read(paul)
    operation = parishes.run(RESTORE, paul, expected=OperationState.FAILED, backup_id=backup_id, confirm="saint-paul")
    assert operation.error_code == "program_failed"
    assert operation.error_params["code"] == "artifact_damaged"
    assert "civicrm.sql.gz" in operation.error_params["message"]
    assert Backup.objects.get(backup_id=backup_id).state == BackupState.FAILED
    assert parishes.read(paul) == before
    assert operation.steps.get(name="stop_site").state == "skipped"


def test_a_view_without_its_table_does_not_stop_a_restore(parishes: Parishes) -> None:
    paul = parishes.get()
    backup_id = parishes.run(BACKUP, paul).result["backup_id"]
    before = parishes.read(paul)
    parishes.execute(
        paul, "SET FOREIGN_KEY_CHECKS = 0", "DROP TABLE civicrm.civicrm_contact", "SET FOREIGN_KEY_CHECKS = 1"
    )
    refused = parishes.run(BACKUP, paul, expected=OperationState.FAILED)
    assert "civicrm_view_members" in refused.error_params["message"]
    safety = Backup.objects.get(backup_id=restore(parishes, paul, backup_id)["safety_backup_id"])
    assert any("civicrm_view_members" in warning for warning in safety.warnings)
    assert parishes.read(paul) == before


def test_a_missing_database_stops_the_safety_backup_and_can_be_overruled(parishes: Parishes) -> None:
    paul = parishes.get()
    backup_id = parishes.run(BACKUP, paul).result["backup_id"]
    before = parishes.read(paul)
    parishes.execute(paul, "DROP DATABASE drupal")
    asked = {"backup_id": backup_id, "confirm": "saint-paul"}
    operation = parishes.run(RESTORE, paul, expected=OperationState.FAILED, **asked)
    assert operation.error_code == "safety_backup_failed"
    assert paul.state == InstanceState.ACTIVE
    restore(parishes, paul, backup_id, safety_backup=False)
    assert parishes.read(paul) == before


def test_a_copy_sends_no_mail_and_knows_its_own_server(parishes: Parishes) -> None:
    paul, sandbox = parishes.get(), parishes.get(kind=InstanceKind.SANDBOX)
    write(parishes, paul, "to-copy")
    backup_id = parishes.run(BACKUP, paul).result["backup_id"]
    origin = parishes.read(paul)
    result = restore(parishes, sandbox, backup_id, source="saint-paul")
    assert result["clone"] is True
    assert (sandbox.mail_enabled, sandbox.cron_enabled) == (False, False)
    parishes.check_running(sandbox, ALL_COMPONENTS - {Component.CRON})
    copied = parishes.read(sandbox)
    assert copied.databases["civicrm inventory"] == origin.databases["civicrm inventory"]
    assert copied.databases["civilog checksums"] == origin.databases["civilog checksums"]
    settings = (parishes.directory(sandbox) / "files" / "default" / "civicrm.settings.php").read_text()
    assert paul.secrets["db_password"] not in settings
    assert sandbox.secrets["db_password"] in settings
    assert sandbox.host in settings
    assert "CIVICRM_MAIL_LOG" in settings
    assert f"{parishes.directory(paul)}/" not in settings
    assert parishes.read(paul) == origin


def test_a_final_backup_outlives_the_instance_and_brings_it_back(parishes: Parishes) -> None:
    jean = parishes.get("saint-jean")
    write(parishes, jean, "farewell")
    before = parishes.read(jean)
    parishes.run(OperationKind.DELETE, jean)
    final = Backup.objects.get(instance=jean, reason=BackupReason.FINAL)
    assert final.state == BackupState.GOOD
    assert parishes.engine.observe("saint-jean").backup_ids == (final.backup_id,)
    parishes.run(OperationKind.PROVISION, jean)
    assert parishes.read(jean) != before
    restore(parishes, jean, final.backup_id)
    assert parishes.read(jean) == before
    # Damaged, it still has data: the final backup is not left out in silence.
    (parishes.directory(jean) / "files" / "default" / "civicrm.settings.php").unlink()
    parishes.run(OperationKind.DELETE, jean, purge_backups=True, confirm="saint-jean")
    assert Backup.objects.filter(instance=jean, reason=BackupReason.FINAL).count() == 2
    assert set(Backup.objects.filter(instance=jean).values_list("state", flat=True)) == {"deleted"}
    assert parishes.engine.observe("saint-jean").backup_ids == ()
    del parishes.secrets["saint-jean"]


def test_a_backup_is_removed_from_the_volume_and_the_next_one_restores(parishes: Parishes) -> None:
    paul = parishes.get()
    older, newer = (parishes.run(BACKUP, paul).result["backup_id"] for _ in range(2))
    before = parishes.read(paul)
    parishes.run(OperationKind.PRUNE, paul, backup_ids=[older], confirm="saint-paul")
    backups = parishes.directory(paul) / "backups"
    assert not (backups / older).exists() and (backups / newer / "manifest.json").exists()
    assert Backup.objects.get(backup_id=older).state == BackupState.DELETED
    parishes.check_running(paul, ALL_COMPONENTS)
    damage(parishes, paul)
    restore(parishes, paul, newer)
    assert parishes.read(paul) == before
