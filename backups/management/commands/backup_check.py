"""Tell whether every parish has a fresh backup, as Nagios asks it: exit code 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import Error as DatabaseFailure
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.checklist import CHECK_PULSE, answer_checklist, answer_for_all, checklist_as_dict, is_all_met
from backups.facts import list_freshness
from backups.freshness import Level, select_worst
from domain.errors import CiviparoisseError
from operations.commands import DocumentCommand
from operations.pulse import record_pulse
from operations.watch import list_manager_faults


class Command(DocumentCommand):
    """See the module."""

    usage_exit_code = Level.UNKNOWN.value  # argparse's 2 would be CRITICAL
    help: Any = gettext_lazy(
        "Tell whether backups are fresh: exit code 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; a line per parish."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the parish."""
        parser.add_argument("tenant", nargs="?", help=_("only this parish's (its sub-domain)"))
        parser.add_argument("--checklist", action="store_true", help=_("answer the production checklist instead"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the level of each parish, and the worst. What cannot be seen is UNKNOWN, never a traceback."""
        tenant = options["tenant"]
        if options["checklist"]:
            return self._answer_checklist(tenant)
        try:
            if tenant is None:
                record_pulse(CHECK_PULSE, now=timezone.now())
            fleet_freshness = list_freshness(tenant=tenant, now=timezone.now())
        except DatabaseFailure as error:
            return self._make_unknown(tenant, _("the manager's database does not answer: %s") % type(error).__name__)
        except CiviparoisseError as error:
            return self._make_unknown(tenant, str(error))
        if not fleet_freshness:
            return self._make_unknown(tenant, _("no instance with data"))
        faults = list_manager_faults(now=timezone.now()) if tenant is None else []
        faults = [fault for fault in faults if fault.stops_work]
        levels = [Level.CRITICAL if fault.is_critical else Level.WARNING for fault in faults]
        self.exit_code = select_worst([freshness.level for _tenant, freshness in fleet_freshness] + levels).value
        # A manager that does not work makes no backup tonight.
        lines: list[dict[str, Any]] = [
            {
                "tenant": None,
                "instance": None,
                "level": level.name,
                "age_hours": None,
                "protected_hours": None,
                "proof_days": None,
                "reasons": [fault.message],
            }
            for fault, level in zip(faults, levels, strict=True)
        ]
        lines += [
            {
                "tenant": slug,
                "instance": freshness.instance,
                "level": freshness.level.name,
                "age_hours": None if freshness.age_hours is None else round(freshness.age_hours, 2),
                "protected_hours": None if freshness.protected_hours is None else round(freshness.protected_hours, 2),
                "proof_days": None if freshness.proof_days is None else round(freshness.proof_days, 2),
                "reasons": list(freshness.reasons),
            }
            for slug, freshness in fleet_freshness
        ]
        return {"level": Level(self.exit_code).name, "checks": lines}

    def _answer_checklist(self, tenant: str | None) -> dict[str, Any]:
        answers = answer_checklist(tenant=tenant, now=timezone.now())
        for_all = answer_for_all(now=timezone.now()) if tenant is None else []
        self.exit_code = Level.OK.value if answers and is_all_met(answers, for_all) else Level.WARNING.value
        return {"level": Level(self.exit_code).name, "checklist": checklist_as_dict(answers, for_all)}

    def _make_unknown(self, tenant: str | None, reason: str) -> dict[str, Any]:
        self.exit_code = Level.UNKNOWN.value
        line = {"tenant": tenant, "instance": None, "level": Level.UNKNOWN.name, "age_hours": None}
        line |= {"protected_hours": None, "proof_days": None}
        return {"level": Level.UNKNOWN.name, "checks": [{**line, "reasons": [reason]}]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per parish, or per answer."""
        if "checklist" in answer:
            met = {True: _("yes"), False: _("NO")}
            shown = answer["checklist"]
            return "\n".join(
                f"{one['instance'] or '-'}: {one['question']} {met[one['met']]} ({one['detail']})" for one in shown
            )
        lines = []
        for check in answer["checks"]:
            names = " ".join(dict.fromkeys(name for name in (check["tenant"], check["instance"]) if name))
            lines.append(f"{check['level']} {names or '-'}: {'; '.join(check['reasons'])}")
        return "\n".join(lines)
