"""Why an instance is in trouble, where a failure made it so: a few words for mails and lists, the whole for pages."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backups.last_failure import find_last_failures
from domain.errors import render_error, word_cause
from operations.models import Operation
from tenants.models import Instance
from watch.checks.trouble_rules import Trouble

OF_BACKUPS = (Trouble.BACKUP_FAILED, Trouble.NEVER_BACKED_UP)
OF_OPERATIONS = (Trouble.FAILED, Trouble.LAST_FAILED)


@dataclass(frozen=True, slots=True)
class Cause:
    """What failed: the error's code and parameters; ``operation``: the one that did, where it is known."""

    code: str
    params: dict[str, Any]
    operation: Operation | None = None

    def add_to(self, title: str) -> str:
        """Return a problem's title with what failed and why, in the active language; of values, none is an
        instance's."""
        told = {"title": title, "cause": word_cause(self.code, self.params)[0]}
        if self.operation is None:
            return _("%(title)s: %(cause)s") % told if told["cause"] else title
        told["kind"] = str(self.operation.get_kind_display())
        return (_("%(title)s: %(kind)s, %(cause)s") if told["cause"] else _("%(title)s: %(kind)s")) % told

    @property
    def advice(self) -> str:
        """What to do, without any value of an instance."""
        return word_cause(self.code, self.params)[1]

    def render(self) -> tuple[str, str]:
        """Return the whole message and its hint, for a page; ("", "") where no error was kept."""
        message, hint = render_error(self.code, self.params) if self.code else ("", "")
        if self.operation is not None:
            message = _("%(kind)s failed. %(message)s") % {
                "kind": capfirst(self.operation.get_kind_display()),
                "message": message,
            }
        return message, hint


def find_causes(trouble: Trouble, keys: Collection[int]) -> dict[int, Cause]:
    """Return why instances are in this trouble, by their keys, where a failure says why: at most two queries."""
    if trouble in OF_BACKUPS:
        found = find_last_failures(keys).items()
        return {key: Cause(row.error_code, row.error_params) for key, row in found if row.error_code}
    if trouble not in OF_OPERATIONS:
        return {}
    causes = {}
    operations = find_failed_operations(keys)
    if trouble is Trouble.LAST_FAILED:
        return {key: Cause(row.error_code, row.error_params, row) for key, row in operations.items()}
    for row in Instance.objects.filter(pk__in=keys).only("error_code", "error_params"):
        last = operations.get(row.pk)
        if row.error_code:
            causes[row.pk] = Cause(row.error_code, row.error_params)
        elif last is not None:
            causes[row.pk] = Cause(last.error_code, last.error_params)
    return causes


def find_failed_operations(keys: Collection[int]) -> dict[int, Operation]:
    """Return, by instance, its last operation that failed."""
    failed = Operation.objects.filter(instance__in=keys, state="failed").order_by("pk")
    return {row.instance_id: row for row in failed.defer("data", "result", "parameters") if row.instance_id}
