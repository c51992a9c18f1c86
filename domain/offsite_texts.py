"""Texts about copies elsewhere: errors (message, hint, HTTP status), what programs report, what a check finds."""

from typing import Any

from domain.texts import mark as _

OFFSITE_TEXTS: dict[str, tuple[Any, ...]] = {
    "invalid_destination": (_("Destination %(destination)s: %(count)s values were refused:%(summary)s"), "", 400),
    "destination_exists": (_("There already is a destination named %(destination)s."), _("Choose another name.")),
    "destination_in_use": (
        _("Destination %(destination)s cannot be forgotten: %(count)s copies are recorded there."),
        _("Take it out of use instead: destination_update %(destination)s --enabled no"),
    ),
    "recovery_key_missing": (
        _("There is no proven recovery key, so nothing is copied elsewhere."),
        _("Make one, print it, and type it once: recovery_key_create, then recovery_key_prove."),
    ),
    "recovery_key_wrong": (
        _("This is not the private half of a recovery key of this manager."),
        _("Type the line that begins with AGE-SECRET-KEY-1 as it was printed."),
        400,
    ),
    "copy_unreadable": (
        _("What is sealed for parish %(tenant)s opens with none of its keys."),
        _("Open it with the recovery key (docs/offsite.md)."),
    ),
    "copy_failed": (
        _("Backup %(backup_id)s: its copy at %(destination)s failed: %(cause)s (%(code)s: %(message)s)."),
        "%(hint)s",
    ),
    "copy_untrusted": (
        _("The copy of backup %(backup_id)s at %(destination)s does not bear this manager's countersignature."),
        _("Do not restore it; take another copy, and find out who wrote this one."),
    ),
    "copy_unavailable": (
        _("Backup %(backup_id)s is no longer on its volume, and no checked copy of it is anywhere."),
        _("Choose another backup: backup_list --instance %(instance)s"),
    ),
    "download_nowhere": (
        _("The manager can read backup %(backup_id)s neither on its volume nor at a destination."),
        _("Bring it to a destination first; where its copies are: copy_list --instance %(instance)s"),
    ),
    "download_damaged": (
        _("%(artifact)s of backup %(backup_id)s is not what was noted of it; what was sent cannot be used."),
        _("Have the set read back: backup_verify, then download another one."),
    ),
    "recipient_mistyped": (
        _("%(recipient)s is no key: its check sum is not that of its letters."),
        _("Copy the public half of the age key whole from where it was made."),
    ),
    "file_unwritable": (_("%(path)s cannot be written: %(detail)s."), _("Choose another place for the file."), 400),
    "copy_in_use": (
        _("The copy of backup %(backup_id)s at %(destination)s is being read or sent."),
        _("It is asked again by itself once that has ended."),
    ),
    "no_copies_to_prune": (
        _("%(instance)s has no copy elsewhere that could be removed now."),
        _("Why each one stays, or until when a lock holds it: copy_list --instance %(instance)s"),
    ),
    "copy_name_taken": (
        _("Parts of the copy of backup %(backup_id)s at %(destination)s lie under the names that it would get again."),
        _("They go with the next removal of copies, or at the end of their lock; ask again then."),
    ),
    "import_unsigned": (
        _("Nobody whom this manager knows vouches for backup %(backup_id)s: another key signed it, or none."),
        _("If you know where it comes from, accept it by its instance: --accept-unsigned %(instance)s"),
    ),
    "import_differs": (
        _("Another set than this one is known as backup %(backup_id)s of %(instance)s, or lies in its place."),
        _("What is there stays. Look at both: backup_verify DIRECTORY"),
    ),
    "import_running": (
        _("The backup %(backup_id)s is being made."),
        _("Wait until its operation has ended, then import again."),
    ),
    "import_future": (
        _("The backup %(backup_id)s says that it was made in the future."),
        _("Set the clock of this machine by NTP; if it is right, do not believe this set."),
    ),
    "import_not_here": (
        _("%(instance)s runs on %(engine)s, where only its own pods reach the volume of its backups."),
        _("Take a copy from a destination, or restore the set by hand (docs/backup-format.md)."),
    ),
    "import_no_volume": (
        _("%(instance)s has no volume for backups."),
        _("Provision it first: instance_provision %(instance)s --wait"),
    ),
    "copies_not_removed": (
        _("%(count)s copies of %(instance)s were not removed, the first of them %(first)s."),
        _("Why: copy_list --instance %(instance)s. It is asked again by itself."),
    ),
    "destination_unusable_here": (
        _("The destination %(destination)s is a directory of the manager's machine: %(instance)s runs on a cluster."),
        _("Use S3, SFTP, WebDAV, Azure or Google for instances on a cluster."),
    ),
}
# As domain.program_texts: code -> (what went wrong, what to do).
_COPY_AGAIN = _("Copy it again; it can be fetched from another place meanwhile.")
OFFSITE_PROGRAM_TEXTS: dict[str, tuple[Any, Any]] = {
    "destination_unreachable": (_("the destination did not answer"), _("It is tried again by itself.")),
    "destination_refused": (
        _("the destination refused the account"),
        _("Check the account of the destination and its rights; it is tried again by itself."),
    ),
    "destination_full": (
        _("the destination is full"),
        _("Make room there; it is tried again by itself."),
    ),
    "destination_clock": (_("the clocks differ too much"), _("Set the clock of this machine by NTP.")),
    "destination_lacks": (
        _("the destination has no such thing"),
        _("Nothing is lost by that; ask its provider for versions or locks."),
    ),
    "destination_untrusted": (
        _("the destination is not who it should be"),
        _("Check its certificate or its host key, then give the destination the right one."),
    ),
    "object_held": (_("a lock holds the object"), _("It goes once its lock has ended.")),
    "object_missing": (_("an object of the copy is missing"), _COPY_AGAIN),
    "object_too_large": (_("an object is larger than it may be"), _COPY_AGAIN),
    "copy_differs": (_("the copy is not what was sent"), _COPY_AGAIN),
    "copy_busy": (_("another run sends this copy"), _("It is tried again by itself.")),
    "contents_invalid": (_("the list of contents of the copy cannot be read"), _COPY_AGAIN),
    "seal_failed": (_("it could not be sealed"), _("The log of the run has the details.")),
}
OFFSITE_FINDING_TEXTS: dict[str, tuple[Any, Any]] = {
    "place_written": (_("An object was written."), ""),
    "place_not_written": (_("Nothing could be written: %(cause)s (%(detail)s)"), "%(hint)s"),
    "place_read": (_("It came back as it was written."), ""),
    "place_not_read": (_("It did not come back: %(cause)s (%(detail)s)"), "%(hint)s"),
    "place_read_differs": (_("What came back is not what was written."), _("Do not use this destination.")),
    "place_listed": (_("It is listed with its size and its checksum."), ""),
    "place_lists_sizes": (
        _("It is listed with its size; the destination tells no checksum."),
        _("Each copy is read back once to compare it."),
    ),
    "place_not_listed": (
        _("It is not listed as it was written (%(detail)s)."),
        _("Do not use this destination."),
    ),
    "place_keeps": (_("An object cannot be replaced or removed by the account of the copies."), ""),
    "place_keeps_versions": (_("What is replaced or removed stays below its lock, as an earlier version."), ""),
    "place_replaces": (
        _("The account of the copies may replace or remove objects."),
        _("Give it a lock or a write-only account, if the provider has one."),
    ),
    "place_lock_missing": (
        _("The lock does not hold: an object that should be locked could be removed for good."),
        _("Make the bucket with object lock and versions, or choose “none” for the lock."),
    ),
    "place_clock": (_("Its clock agrees with ours."), ""),
    "place_clock_differs": (
        _("Its clock and ours differ by %(seconds)s seconds."),
        _("Set the clock of this machine by NTP."),
    ),
}
