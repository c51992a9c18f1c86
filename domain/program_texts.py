"""What the programs' own error codes mean (programs/, standin/): they know no gettext, and say it in English only.

`CAUSES`: code -> what went wrong, to stand after a colon. `ADVICE`: code -> what to do about it.
"""

from typing import Any

from domain.offsite_texts import OFFSITE_PROGRAM_TEXTS
from domain.texts import mark as _

_READ_LOG = _("The log of the operation has the details.")
_OTHER_SET = _("Choose another backup; this one cannot be used.")
_AGAIN = _("Ask again.")

_TEXTS: dict[str, tuple[Any, Any]] = {
    # the volume, the machine
    **OFFSITE_PROGRAM_TEXTS,
    "no_space": (_("there is not enough room"), _("Make room, or enlarge the volume, then ask again.")),
    "io_failed": (_("a file could not be read or written"), _("Look at the volume, then ask again.")),
    "extract_failed": (_("a file could not be written"), _("Look at the volume, then ask again.")),
    "nested_mount": (
        _("a directory is a mount point of its own and cannot be exchanged"),
        _("Unmount it, or restore only the databases."),
    ),
    "unmovable": (
        _("a file or directory of the site cannot be moved by its account"),
        _("As root, give it to that account or take its flags away (chattr), then ask again."),
    ),
    "unreadable_file": (_("a file of the site cannot be read"), _("Correct its owner or its mode, then ask again.")),
    "too_many_specials": (
        _("the site holds many sockets, pipes or devices"),
        _("A site holds none: remove them, then ask again."),
    ),
    "program_missing": (_("a program it needs is not installed"), _("Install it, then ask again.")),
    "stage_failed": (_("a program it uses failed"), _("Ask again; if it fails again, read the log of the operation.")),
    "stopped": (_("it was asked to stop"), _AGAIN),
    "nobody_came": (_("nobody fetched the backup"), _AGAIN),
    "sender_unreachable": (_("the instance that has the backup could not be reached"), _AGAIN),
    "sender_refused": (_("the instance that has the backup refused to give it"), _READ_LOG),
    "stream_cut": (_("the backup did not come whole"), _AGAIN),
    "exited": (_("its image ended with an error"), _READ_LOG),
    "init_incomplete": (_("it ended well, and what it should have made is not there"), _READ_LOG),
    "deadline_exceeded": (_("it did not end in time"), _READ_LOG),
    "unexpected": (_("an unforeseen error"), _READ_LOG),
    "environment_invalid": (_("a parameter it was given is wrong or missing"), _READ_LOG),
    "state_invalid": (_("a document the manager gave it cannot be read"), _READ_LOG),
    "backup_busy": (_("another backup of this instance is running"), _("Wait until it ends, then ask again.")),
    "restore_busy": (_("another restore of this instance is running"), _("Wait until it ends, then ask again.")),
    "set_in_use": (_("the backup is being read"), _("Wait until it was read, then ask again.")),
    # the database server
    "database_unreachable": (_("the database server does not answer"), _("Ask again once it runs.")),
    "database_refused": (
        _("the database server refused the account"),
        _("Check the account's password and rights, then ask again."),
    ),
    "answer_cut": (
        _("the answer of the database client was cut short"),
        _("Make room on the disk of the run, then ask again."),
    ),
    "database_failed": (_("the database server answered with an error"), _READ_LOG),
    "database_missing": (_("one of the three databases is missing"), _("Restore a backup that holds it.")),
    "missing_privilege": (_("the account lacks a right"), _("Grant it, then ask again.")),
    "hidden_routine": (
        _("a routine of a database belongs to another account, and the backup may not read it"),
        _(
            "As the server’s administrator, let the account of the backup read it (MariaDB: GRANT SELECT ON mysql.proc;"
            " MySQL: GRANT SHOW_ROUTINE ON *.*), or make the routine again as the site’s account, or drop it; then ask"
            " again."
        ),
    ),
    "routines_refused": (
        _("the server accepts no triggers nor routines from the account"),
        _("Set log_bin_trust_function_creators on the server, then ask again."),
    ),
    "client_mismatch": (
        _("the client programs are not of the server's vendor"),
        _("Install those of the server's vendor: dumps of the other are not faithful."),
    ),
    "damaged_table": (_("the server cannot read one of its tables"), _("Repair it, or restore a backup.")),
    "damaged_view": (_("the server cannot read one of its views"), _("Repair or drop it, or restore a backup.")),
    "schema_changed": (_("tables changed meanwhile"), _("Ask again, when nobody installs or updates.")),
    "inventory_differs": (_("the dump does not hold all that the server held"), _AGAIN),
    "dump_failed": (_("the dump failed"), _READ_LOG),
    "dump_malformed": (_("the dump is not usable"), _("Ask for another backup.")),
    "other_vendor": (
        _("the backup was made on a server of another vendor"),
        _("Restore it on a server of the same vendor."),
    ),
    "older_server": (
        _("the backup was made on a newer server"),
        _("Restore it on the same version or a newer one."),
    ),
    "packet_too_small": (
        _("the server does not accept rows as long as those of the backup"),
        _("Raise max_allowed_packet on the server, then ask again."),
    ),
    "database_held": (
        _("another session holds the database open"),
        _("End that session on the server, then ask again: nothing was changed."),
    ),
    "undumpable_event": (
        _("an event of a database holds two semicolons in a row, which no dump can carry"),
        _("Change the event, then ask again."),
    ),
    "letter_case": (
        _("the server treats the letter case of table names in another way"),
        _("Set lower_case_table_names as where the backup was made."),
    ),
    # the set
    "manifest_missing": (_("the set has no manifest.json: the backup did not end"), _OTHER_SET),
    "manifest_invalid": (_("manifest.json is not valid"), _OTHER_SET),
    "index_missing": (
        _("it was made before backups listed their files"),
        _("Choose a newer backup, or restore all of its files."),
    ),
    "part_missing": (_("the backup does not hold that"), _("Look into the backup, and choose what it holds.")),
    "entry_missing": (_("the backup has no such file"), _("Look into the backup, and choose what it holds.")),
    "entry_linked": (
        _("a file in it is a hard link to one elsewhere"),
        _("Restore the directory that holds both."),
    ),
    "parent_missing": (
        _("the directory it belongs in is not there any more"),
        _("Restore the directory above it."),
    ),
    "path_refused": (_("the path leads out of these files"), _("Give it as the list of files shows it.")),
    "part_refused": (_("the table cannot be taken alone out of this backup"), _("Restore the whole database.")),
    "table_exists": (_("there is a table of that name already"), _("Choose another name.")),
    "part_breaks": (
        _("rows would name rows that are not there, or columns have changed since"),
        _("Put the table beside under another name, restore the whole database, or accept it."),
    ),
    "index_invalid": (_("a list of its files is not one that a backup writes"), _OTHER_SET),
    "index_differs": (_("a list of its files does not say what the files are"), _OTHER_SET),
    "format_unknown": (_("the set is of an unknown format"), _("Restore it with the version that made it.")),
    "signature_invalid": (
        _("the signature of the set is not right"),
        _("It was altered, or made by another manager: do not restore it."),
    ),
    "other_tenant": (_("the set belongs to another parish"), _("Choose a backup of this parish.")),
    "artifact_missing": (_("a file of the set is missing"), _OTHER_SET),
    "artifact_damaged": (_("a file of the set is damaged"), _OTHER_SET),
    "artifact_unknown": (_("the set holds a file its manifest does not know"), _OTHER_SET),
    "counts_differ": (_("a file of the set does not hold what its manifest says"), _OTHER_SET),
    "hostile_archive": (
        _("an archive of the set holds a member that is refused"),
        _("Nothing of it was used. Choose another backup, and find out who wrote this one."),
    ),
    "hostile_sql": (
        _("a dump of the set holds a statement that is refused"),
        _("Choose another backup, and find out who wrote this one."),
    ),
    "letters_unknown": (
        _("the server does not know a character set or collation of the set"),
        _("Nothing was touched. Restore on a newer server, or choose another backup."),
    ),
    "set_not_loadable": (
        _("the server would not take some objects of the set"),
        _("Nothing was touched. The message names each with what the server said; or choose another backup."),
    ),
    "engine_missing": (
        _("the server has not an engine that a table of the set needs"),
        _("Nothing was touched. Install the engine, or choose another backup."),
    ),
    "history_moved": (
        _("a table of the set keeps the past of its rows, and this server would show none of now"),
        _("Nothing was touched. Restore on a server of the series that the backup came from."),
    ),
    "sql_not_understood": (
        _("a dump of the set holds a statement that is not understood"),
        _("Nothing was touched. Choose another backup, and report the object that the message names."),
    ),
    "not_a_set": (_("what is there is not a backup"), _("Look at the backup volume.")),
    "scope_missing": (_("the set does not hold all that is asked for"), _("Ask for less, or choose another backup.")),
    "settings_missing": (_("a settings file is missing in the set"), _("A copy needs both settings files.")),
    "settings_unclear": (
        _("a settings file of the set cannot be rewritten with certainty"),
        _("Write the value as one plain text in the original site, and take another backup."),
    ),
    "restore_differs": (_("what was restored is not what the backup holds"), _READ_LOG),
    # programs/consistency.py
    "foreign_key_broken": (
        _("rows of the copy name rows that are not there"),
        _("The data of the parish itself is damaged: mend it, then take another backup."),
    ),
    "key_table_missing": (
        _("a table without which there is no site is missing or empty"),
        _("It was damaged before the backup was taken: choose an older one."),
    ),
    "nobody_may_log_in": (
        _("no active account of the copy has a password"),
        _("It was damaged before the backup was taken: choose an older one."),
    ),
    "settings_disagree": (
        _("the settings of Drupal and CiviCRM do not agree"),
        _("Correct them in the original site, then take another backup."),
    ),
    # standin/init.py
    "init_running": (_("another initialisation of this instance is running"), _("Wait until it ends, then ask again.")),
    "initialisation_failed": (_("the initial data could not be written"), _READ_LOG),
    "update_failed": (_("the data could not be brought to the new release"), _READ_LOG),
    "update_incomplete": (_("the data is not of the new release after the update"), _READ_LOG),
    "initialisation_incomplete": (_("the initial data is not complete"), _READ_LOG),
    "instance_damaged": (
        _("the instance was complete once, and a part of its data is missing now"),
        _("Restore a backup of this instance."),
    ),
    "data_directory_failed": (_("the directory of the databases could not be prepared"), _READ_LOG),
    "statement_failed": (_("the database server refused a statement of the initial data"), _READ_LOG),
    "database_server_failed": (_("the database server could not be started or stopped"), _READ_LOG),
    # our own codes, where they are the cause of another error
    "job_lost": (_("the program was killed before it could report"), _AGAIN),
    "engine_unavailable": (_("the engine did not answer"), _AGAIN),
    "backup_missing": (_("the backup is not on its volume"), _AGAIN),
}
CAUSES: dict[str, Any] = {code: cause for code, (cause, _advice) in _TEXTS.items()}
ADVICE: dict[str, Any] = {code: advice for code, (_cause, advice) in _TEXTS.items()}
# What programs and engines say of how far they are (report_progress, ObservedComponent.detail), whole or by its
# beginning; the rest of it is a name.
PROGRESS: dict[str, Any] = {
    "starting from empty volumes": _("starting from empty volumes"),
    "data directory ready": _("the data directory is ready"),
    "accounts ready": _("the accounts are ready"),
    "databases ready": _("the databases are ready"),
    "writing the site's files": _("writing the files of the site"),
    "initialised": _("initialised"),
    "updating the databases": _("updating the databases"),
    "updated": _("updated"),
    "looking at the databases": _("looking at the databases"),
    "databases": _("reading the databases"),
    "signing": _("signing"),
    "reading back the databases": _("reading back the databases"),
    "looked at": _("looked at"),
    "checking the foreign keys": _("checking the foreign keys"),
    "counting rows": _("counting rows"),
    "counting files": _("counting the files"),
    "reading the settings": _("reading the settings"),
    "the database server answers": _("the database server answers"),
    "the directories are empty": _("the directories are empty"),
    "there is an instance already": _("there is an instance already"),
    "received": _("received"),
    "waiting for the receiver": _("waiting for the receiver"),
    "trying the definitions": _("trying the definitions"),
    "trying the table": _("trying the table"),
    "copying the table": _("copying the table"),
    "loading the table": _("loading the table"),
    "loading the databases": _("loading the databases"),
    "staging the files": _("unpacking the files aside"),
    "putting the files in place": _("putting the files in place"),
    "sent": _("sent"),
    "fetched": _("fetched"),
    "the backup is good": _("the backup is good"),
    "the set is good": _("the backup is good"),
    "restored": _("restored"),
    "comparing the databases with the manifest": _("comparing the databases with the manifest"),
    "exchanging the files": _("exchanging the files"),
    "the set has lost its name": _("the backup is no longer listed"),
    "removed": _("removed"),
    "waiting for the instance that has the backup": _("waiting for the instance that has the backup"),
    "copying the backup": _("copying the backup"),
    "looking at the data": _("looking at the data"),
    "waits for its pod": _("waiting for room on the cluster"),
    "waiting for the nightly backup": _("waiting for the nightly backup"),
    "waiting until everything is purged": _("waiting until everything is purged"),
    "waiting for the servers": _("waiting for the servers"),
    "waiting for the page": _("waiting for the page"),
    "signature not checked": _("the signature was not checked (--key-file)"),
    "imported without a signature that is known": _("it was imported without a signature that is known"),
    "not started": _("not started"),
    "waits for its initial data": _("waits for its initial data"),
    "its schedule is off": _("its schedule is off"),
    "its schedule is on": _("its schedule is on"),
    "nothing runs": _("nothing runs"),
    "the page does not show the parish's name": _("the page does not show the name of the parish"),
}
PROGRESS_OF: dict[str, Any] = {
    "checking ": _("checking %(name)s"),
    "reading back ": _("reading back %(name)s"),
    "reading ": _("reading %(name)s"),
    "sending ": _("sending %(name)s"),
    "fetching ": _("fetching %(name)s"),
    "staging ": _("unpacking %(name)s aside"),
    "loading ": _("loading %(name)s"),
    "loaded ": _("%(name)s is loaded"),
    "opening ": _("opening %(name)s"),
    "received ": _("received: %(name)s"),
    "trying again after ": _("trying again after %(name)s"),
    "the tables could not be locked together: ": _("the tables could not be locked together: %(name)s"),
    "the tables were not held until the dump began: ": _("the tables were not held until the dump began: %(name)s"),
    "files: ": _("reading the files: %(name)s"),
    "databases: ": _("reading the databases: %(name)s"),
    "stopped by itself without an error: ": _("stopped by itself or killed; its log ends with: %(name)s"),
    "starting the database server to look at the data": _("starting the database server to look at the data %(name)s"),
    "waits for the end of ": _("waiting for the end of %(name)s"),
    "Unschedulable: ": _("there is no room on the cluster: %(name)s"),
    "can be undone until ": _("can be undone until %(name)s"),
    "open: ": _("open, enter it by: %(name)s"),
    "stopped by itself: ": _("stopped by itself; its log says: %(name)s"),
}
