"""Texts of what is wrong with the manager itself: message, hint and HTTP status."""

from typing import Any

from domain.texts import mark as _

MANAGER_TEXTS: dict[str, tuple[Any, ...]] = {
    "clock_silent": (
        _("The clock of the manager has been silent since %(since)s: no lost work is found, no backup asked for."),
        _(
            "Start it again (systemctl restart civiparoisse-beat; in a checkout scripts/services.py start); "
            "its log says why it stopped."
        ),
        503,
    ),
    "workers_silent": (
        _("No worker has heard the clock since %(since)s: operations wait."),
        _(
            "Start the worker again (systemctl restart civiparoisse-worker; in a checkout scripts/services.py start); "
            "its log says why it stopped."
        ),
        503,
    ),
    "worker_silent": (
        _("The worker of this machine, %(host)s, has taken no message since %(since)s."),
        _("Start it again; its log says why it stopped."),
        503,
    ),
    "install_needs_root": (
        _("Only root may install the manager on a machine, or remove it."),
        _("Run it with sudo; --dry-run only says what it would do."),
        403,
    ),
    "install_unreachable": (
        _("The manager's account cannot run %(program)s where it lies."),
        _("Install the package where everybody may read, such as in /opt/civiparoisse, then try again."),
        409,
    ),
    "install_failed": (
        _("%(command)s failed: %(detail)s"),
        _("Nothing is lost: mend that, then run the same command again."),
        500,
    ),
    "database_unreachable": (
        _("The database of the manager does not answer."),
        _("Start it, or correct its settings; the log has the details."),
        503,
    ),
    "migrations_missing": (
        _("The database of the manager lacks changes of this version."),
        _("Run manage.py migrate."),
        503,
    ),
    "database_unwritable": (
        _("The database of the manager takes no writes: %(detail)s"),
        _("Make room on its disk, or give the manager's account the right to write there."),
        503,
    ),
    "database_held": (
        _("The database of the manager is held by another write, longer than is waited for."),
        _("Nothing was written. Try again in %(seconds)s seconds; if it stays so, look for a full disk or a long run."),
        503,
    ),
    "broker_unusable": (
        _("The directory of the messages, %(path)s, cannot be used: it is not a directory, or nothing can be written."),
        _("Move away what is there, or make it writable; the manager makes the directory itself."),
        503,
    ),
    "disk_full": (
        _("The disk of %(path)s is full, or cannot be written: %(free)s MiB are free."),
        _("Make room there; what was asked for goes on by itself then."),
        503,
    ),
    "disk_low": (
        _("The disk of %(path)s has %(free)s MiB left, less than %(limit)s."),
        _("Make room there before it is full: old backups (backup_prune), logs, other programs' files."),
        503,
    ),
}
