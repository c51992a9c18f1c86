"""Texts of what the local engine finds wrong with its machine: message, hint and HTTP status."""

from typing import Any

from domain.texts import mark as _

LOCAL_TEXTS: dict[str, tuple[Any, ...]] = {
    "missing_program": (
        _("The program %(program)s is not installed on this machine."),
        _("Install it: apt-get install %(package)s."),
        503,
    ),
    "no_free_account": (
        _("%(instance)s: every account number from %(first)s to %(last)s is taken on this machine."),
        _("Raise CIVIPAROISSE_LOCAL_LAST_ACCOUNT, or delete an instance."),
        503,
    ),
    "missing_account": (
        _("Instances cannot run as the account %(account)s: it does not exist, or it is root."),
        _("Create it, or name another ordinary account in CIVIPAROISSE_LOCAL_ACCOUNT."),
        503,
    ),
    "path_too_long": (
        _("The socket of %(instance)s would be %(path)s: %(length)s bytes, and the system takes 107."),
        _("Set CIVIPAROISSE_STATE_DIR to a shorter path."),
        503,
    ),
    "path_unusable": (
        _("The path %(path)s holds characters that servers' configurations cannot take."),
        _("Set CIVIPAROISSE_STATE_DIR to a path of letters, digits, hyphens, dots and slashes."),
        503,
    ),
    "path_unreachable": (
        _("The account %(account)s, which runs the instances, may not enter %(path)s."),
        _("Set CIVIPAROISSE_STATE_DIR to a directory everybody may enter, such as one below /var/lib."),
        503,
    ),
    "no_free_port": (
        _("No port between %(first)s and %(last)s is free for %(instance)s."),
        _("Raise CIVIPAROISSE_LOCAL_LAST_PORT, or delete an instance."),
        503,
    ),
    "tools_on_machine": (
        _("%(instance)s runs on this machine, not on a cluster: there is no pod to open."),
        _("Work on the machine itself: its files are in %(directory)s, its database answers on %(socket)s."),
        409,
    ),
    "shared_account": (
        _("%(count)s instances of this machine run under one account (%(account)s): each can read the others' files."),
        _("Run the manager as root, leave CIVIPAROISSE_LOCAL_ACCOUNT empty, and resume them: docs/security.md."),
        503,
    ),
}
