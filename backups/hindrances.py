"""What the last backup saw in the way of a restore in an instance's files: said before one is asked for."""

import re

from django.utils.translation import gettext as _

from backups.choices import BackupScope
from backups.models import Backup, BackupState
from programs.archive.hindrances import NOT_DELETABLE, NOT_MOVABLE
from tenants.models import Instance

# The program's words for the reason, in English, behind each path.
REASON = re.compile(r" \((?:it |this )[^()]*\)")
MORE = re.compile(r", and (\d+) more$")


def describe_hindrances(instance: Instance) -> list[str]:
    """Return a sentence for each way in which the instance's newest set with files says that they are in the way."""
    held = Backup.objects.filter(instance=instance, state=BackupState.GOOD).exclude(scope=BackupScope.DATABASE)
    last = held.order_by("-started_at").first()
    texts = {
        NOT_MOVABLE: _("The restore is refused as long as the site's account cannot move %(paths)s: as root, chown or"
                       " chattr -i -a them."),
        NOT_DELETABLE: _("Of the files that are there now, the site's account cannot delete %(paths)s: they stay aside"
                         " (.trash-…) after the restore, unless root runs chown or chattr -i -a on them before."),
    }  # fmt: skip
    warnings = [str(warning) for warning in last.warnings] if last else []
    return [
        text % {"paths": _name_paths(warning.removeprefix(beginning))}
        for beginning, text in texts.items()
        for warning in warnings
        if warning.startswith(beginning)
    ]


def _name_paths(said: str) -> str:
    """The paths without the reasons, and how many more there are in the reader's language."""
    paths, more = MORE.sub("", REASON.sub("", said)), MORE.search(said)
    return _("%(paths)s and %(count)s more") % {"paths": paths, "count": more[1]} if more else paths
