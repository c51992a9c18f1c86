"""Texts of the manager's own archive and of what is made again from it: message, hint and HTTP status."""

from typing import Any

from domain.texts import mark as _

RECOVERY_TEXTS: dict[str, tuple[Any, ...]] = {
    "archive_unsealed": (
        _("The manager cannot be archived: no recovery key has been proven."),
        _("Make one with recovery_key_create, and prove it with its paper."),
        409,
    ),
    "archive_nowhere": (
        _("The manager cannot be archived: there is no destination in use."),
        _("Enter one with destination_create, then manager_backup."),
        409,
    ),
    "archive_not_sent": (
        _("The manager’s archive reached no destination: %(detail)s"),
        _("Correct the destination (destination_check NAME), then manager_backup."),
        503,
    ),
    "archive_late": (
        _("The manager’s newest archive is of %(since)s: what was changed since then would be lost with this machine."),
        _("Look at manager_backup --list, then run manager_backup; it says what is in the way."),
        503,
    ),
    "archive_damaged": (
        _("The archive is damaged: %(detail)s."),
        _("Take another one: --list shows them."),
        409,
    ),
    "archive_unknown_format": (
        _("The archive has the format %(format)s, which this version does not know."),
        _("Install the version of the manager that made it, or a newer one."),
        409,
    ),
    "archive_newer": (
        _("The archive was made by a newer version: it has the migration %(migration)s."),
        _("Install that version of the manager, then restore."),
        409,
    ),
    "archive_sealed_otherwise": (
        _("The archive is not sealed to this recovery key."),
        _("Look for the paper whose public key begins as the archive’s card says, and type it again."),
        409,
    ),
    "archive_not_found": (
        _("There is no archive of a manager in %(place)s."),
        _("Check the place: bucket and folder as the card says; --list shows what is there."),
        404,
    ),
    "archive_ambiguous": (
        _("There are archives of several managers: %(managers)s."),
        _("Choose one with --manager."),
        409,
    ),
    "archive_busy": (
        _("Another process makes the manager’s archive."),
        _("Wait until it has ended."),
        409,
    ),
    "recovery_key_invalid": (
        _("This is no recovery key: one line that begins with AGE-SECRET-KEY- is expected."),
        _("Type it again from the paper; spaces and small letters do no harm."),
        400,
    ),
    "destination_failed": (
        _("%(name)s did not do it: %(detail)s"),
        _("Check its address, its account and the network, then try again."),
        503,
    ),
    "mapping_unreadable": (
        _("%(path)s is no mapping: `engines:` and `domains:`, each with lines of `old: new`, are expected."),
        _("Correct the file (docs/disaster.md shows one), then run again."),
        400,
    ),
    "place_unreadable": (
        _("%(path)s is neither a directory nor a file that describes a destination."),
        _("Write one: its kind and its settings, a line each, as docs/disaster.md shows."),
        400,
    ),
    "manager_database_damaged": (
        _("The manager’s database is damaged: %(detail)s"),
        _("Restore the newest archive (manager_restore)."),
        500,
    ),
    "manager_dump_failed": (
        _("The manager’s database could not be copied or put back: %(detail)s"),
        _("Check that it runs and that its account has the rights, then try again."),
        503,
    ),
    "manager_state_exists": (
        _("There is a manager here already, in %(path)s, with parishes or accounts in its database."),
        _("Nothing was changed. To put it aside and restore over it, add --replace %(path)s."),
        409,
    ),
    "manager_restore_check_failed": (
        _("The manager is back, and its own check found: %(detail)s"),
        _("Nothing more was changed. Correct it before starting the services."),
        500,
    ),
    "migration_not_archived": (
        _("Before this migration no archive of the manager could be made: %(detail)s"),
        _("Correct that, or run again with CIVIPAROISSE_MIGRATE_WITHOUT_ARCHIVE=1."),
        503,
    ),
}
