"""Whether a request's set can be put back: of that instance, good, not about to be removed, with what is asked for."""

from django.utils.translation import gettext as _

from backups.choices import BackupReason, BackupScope, BackupState
from backups.data_parts import get_data
from backups.elsewhere import is_elsewhere
from backups.holders import find_remover
from backups.models import Backup
from domain.errors import CiviparoisseError, InvalidValue
from domain.parish_requests import RequestScope, Wish
from parish_requests.models import RestoreRequest
from parish_requests.moments import SCOPE_OF
from programs.archive.one_entry import clean_path
from programs.run.failures import ProgramError
from tenants.models import Instance

PART_LENGTH = 1000
# Wishes that name a moment, and those that may.
OF_A_MOMENT = frozenset({Wish.RESTORE, Wish.SHOW_FIRST, Wish.UNDO})
MAY_NAME_A_MOMENT = OF_A_MOMENT | {Wish.PRACTICE, Wish.DOWNLOAD}
# A copy is made of everything.
WHOLE_ONLY = frozenset({Wish.SHOW_FIRST, Wish.PRACTICE, Wish.DOWNLOAD})


def check_set(instance: Instance, backup: Backup, *, wish: Wish, scope: RequestScope) -> None:
    """Raise InvalidValue or CiviparoisseError `backup_not_good` or `backup_leaving` where `backup` cannot be what
    `wish` puts back of `scope`."""
    if backup.instance_id != instance.pk:
        reason = _("this moment is of another site.")
        raise InvalidValue(field="backup", reason=reason, well_formed=True)
    if (backup.reason == BackupReason.SAFETY) != (wish is Wish.UNDO):
        reason = _("a safety copy is put back by undoing what it was taken for, and nothing else is.")
        raise InvalidValue(field="backup", reason=reason, well_formed=True)
    refuse_unusable(backup)
    if backup.scope not in (BackupScope.FULL, SCOPE_OF[scope]):
        reason = _("this moment holds less: %(scope)s.") % {"scope": BackupScope(backup.scope).label}
        raise InvalidValue(field="scope", reason=reason, well_formed=True)


def refuse_unusable(backup: Backup) -> None:
    """Raise CiviparoisseError `backup_not_good` or `backup_leaving` where nothing can be put back from the set."""
    is_gone = backup.state == BackupState.DELETED or backup.error_code == "backup_missing"
    if backup.state != BackupState.GOOD and not (is_gone and is_elsewhere(backup)):
        raise CiviparoisseError("backup_not_good", backup_id=backup.backup_id, state=backup.state)
    remover = find_remover([backup.backup_id])
    if remover is not None:
        raise CiviparoisseError("backup_leaving", backup_id=backup.backup_id, operation=remover.public_id)


def refuse_gone(request: RestoreRequest) -> None:
    """Raise CiviparoisseError `request_set_gone`, or as refuse_unusable, where the moment of `request` is not there
    any more. A request that needs none passes."""
    if Wish(request.wish) not in MAY_NAME_A_MOMENT:
        return
    if request.backup is None:
        raise CiviparoisseError("request_set_gone", request=request.reference)
    refuse_unusable(request.backup)


def read_part(instance: Instance, scope: RequestScope, part: str) -> str:
    """Return "tree/path" of scope part, "" of any other. Raise InvalidValue."""
    if scope is not RequestScope.PART:
        if part.strip():
            raise InvalidValue(field="part", reason=_("only with “one file or folder”."), well_formed=True)
        return ""
    tree, path = split_part(part.strip())
    trees = get_data(instance).trees
    if len(part) > PART_LENGTH or not part.isprintable():
        raise InvalidValue(field="part", reason=_("this is no name of a file."), well_formed=True)
    if tree not in trees:
        reason = _("begin with one of these, then a slash: %(trees)s.") % {"trees": ", ".join(sorted(trees))}
        raise InvalidValue(field="part", reason=reason, well_formed=True)
    try:
        clean_path(path)
    except ProgramError as error:
        reason = _("name a file or a folder below it, without . and .. in it.")
        raise InvalidValue(field="part", reason=reason, well_formed=True) from error
    return f"{tree}/{path.strip('/')}"


def split_part(part: str) -> tuple[str, str]:
    """Return (tree, path) of a part as it is kept."""
    tree, _slash, path = part.partition("/")
    return tree, path
