"""Words for the codes of costs, savings and findings. Codes are stored and sent; words are made when shown."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from domain.specs import JobProgram
from finops.advice.rightsizing import Reason
from finops.advice.waste import Finding
from finops.months.groups import Group
from finops.prices.pricing import CostKind
from finops.scenarios.whatif import Question

KINDS: Mapping[CostKind, Any] = {
    CostKind.CPU: _("CPU"),
    CostKind.MEMORY: _("memory"),
    CostKind.STORAGE: _("volumes"),
    CostKind.BACKUP: _("backups"),
    CostKind.SHARED: _("shared costs"),
    CostKind.IDLE: _("reserved by nobody"),
    CostKind.OVERHEAD: _("overhead"),
}
GROUPS: Mapping[Group, Any] = {
    Group.DATABASE: _("Database"),
    Group.WEB: _("Web server"),
    Group.RUNS: _("Cron and jobs"),
    Group.VOLUMES: _("Volumes"),
    Group.BACKUPS: _("Backups"),
    Group.SHARED: _("Shared costs"),
    Group.IDLE: _("Not reserved"),
}
COMPONENTS: Mapping[str, Any] = {
    "db": _("database"),
    "httpd": _("web server"),
    JobProgram.CRON.value: _("cron"),
    JobProgram.INIT.value: _("initialisation"),
    JobProgram.UPDATE.value: _("update"),
    JobProgram.BACKUP.value: _("backup"),
    JobProgram.VERIFY.value: _("verification"),
    JobProgram.RESTORE.value: _("restore"),
    JobProgram.CONSISTENCY.value: _("consistency checks"),
    JobProgram.FIGURES.value: _("comparisons with an earlier moment"),
    JobProgram.DISCARD.value: _("removal"),
    JobProgram.TOOLS.value: _("tools"),
    "db_init": _("initialisation of the database"),
    "db_router": _("database router"),
    "httpd_init": _("start of the web server"),
    "cron_init": _("start of the cron"),
    "files": _("files volume"),
    "private": _("private files volume"),
    "backups": _("backups volume"),
}
REASONS: Mapping[Reason, Any] = {
    Reason.MEASURED: _("measured use and a margin of 15 %"),
    Reason.FLOOR_WORKERS: _("floor: Apache’s workers × PHP’s memory_limit"),
    Reason.FLOOR_MYSQL: _("floor: what MySQL needs to start (350 Mi)"),
    Reason.FLOOR_PHP: _("floor: PHP’s memory_limit"),
    Reason.FLOOR_SMALLEST: _("floor: the smallest container"),
    Reason.NOT_MEASURED: _("not measured: kept as it is"),
    Reason.TOO_FEW_POINTS: _("too few samples yet: kept as it is"),
    Reason.TOO_FEW_DAYS: _("less than a week measured: kept as it is"),
}
FINDINGS: Mapping[Finding, Any] = {
    Finding.SUSPENDED_LONG: _("suspended for long"),
    Finding.IDLE: _("nobody uses it"),
    Finding.VOLUME_RELEASED: _("volume kept after its instance"),
    Finding.VOLUME_WITHOUT_POD: _("volume that nothing mounts"),
    Finding.NAMESPACE_WITHOUT_PARISH: _("is there, and is no parish’s"),
    Finding.FAILED_RUNS: _("runs that fail"),
    Finding.OLD_BACKUPS: _("old backups"),
}
QUESTIONS: Mapping[Question, Any] = {
    Question.NOW: pgettext_lazy("scenario", "As it is now"),
    Question.OVERCOMMIT: _("Requests at %(percent)s %% of what they are"),
    Question.SHARED_MYSQL: _("One MySQL shared by all parishes"),
    Question.MYSQL_SERVICE: _("MySQL as a service at %(price)s a month"),
    Question.PHP_FPM: _("PHP-FPM with %(children)s workers instead of prefork"),
    Question.INIT_CONTAINERS: _("Initialisation and update as init containers"),
    Question.PLAN: _("The plan %(plan)s for all"),
    Question.PRICES: _("The prices of %(prices)s"),
    Question.NIGHT: _("Stopped for %(hours)s hours every night"),
    Question.NEW_PARISHES: _("%(count)s more parishes"),
}
# What one must know before believing the figure.
CAVEATS: Mapping[Question, Any] = {
    Question.OVERCOMMIT: _("Pods are no longer guaranteed: when all need their limit at once, the node kills one."),
    Question.SHARED_MYSQL: _(
        "A guess of its size: 350 Mi and 96 Mi a parish, 500 m and 25 m a parish. One fault stops all."
    ),
    Question.MYSQL_SERVICE: _("The price is the provider’s for one service that holds all parishes."),
    Question.PHP_FPM: _("More requests at once than workers wait their turn."),
    Question.INIT_CONTAINERS: _("The chart’s own layout: what they need is reserved for the pod’s whole life."),
    Question.NIGHT: _("Volumes and backups are still paid; nobody can work at night, and nightly backups must move."),
    Question.NEW_PARISHES: _("Of the default plan."),
}


# Units of quantities, as pricing writes them: in French a byte is an «octet».
UNITS: Mapping[str, Any] = {"vCPU-h": _("vCPU-h"), "GiB-h": _("GiB-h"), "GB-h": _("GB-h"), "h": _("h")}


def word_unit(unit: str) -> str:
    """Return the word for the unit of a quantity; its own name when there is none."""
    return str(UNITS.get(unit, unit))


def word_component(name: str) -> str:
    """Return the word for a component, a program, a container or a volume; its own name when there is none."""
    return str(COMPONENTS.get(name, name))
