"""What is wrong now, one value per check and subject: what a round compares with the problems that stood before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from domain.findings import Level
from watch.catalogue import INSTANCES, Source, find_in
from watch.causes import find_causes
from watch.checks.shapes import Alert
from watch.checks.troubles import TROUBLES, list_troubled
from watch.models import make_open_key

COLUMNS = ("pk", "identifier", "tenant__slug", "tenant__name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One thing that is wrong. `tenant`: the parish's slug, "" when it is of none; `name`: of the subject, for people;
    `title`, `hint`: in the active language, without any value that an instance gave."""

    check_code: str
    subject: str
    level: Level
    title: str
    link: str
    tenant: str = ""
    name: str = ""
    hint: str = ""

    @property
    def key(self) -> str:
        """What names it among all that stand."""
        return make_open_key(self.check_code, self.subject)


def list_standing(source: Source, *, now: datetime) -> Iterator[Standing]:
    """Give what the checks of `source` find, each once. The number of queries does not grow with the instances."""
    if source is INSTANCES:
        yield from _list_instances(now=now)
        return
    for alert in find_in(source, now=now):
        for subject in alert.subjects:
            yield _make_standing(alert, subject)


def _list_instances(*, now: datetime) -> Iterator[Standing]:
    for trouble, rule in TROUBLES.items():
        rows = list(list_troubled(trouble, now=now).values_list(*COLUMNS))
        causes = find_causes(trouble, [row[0] for row in rows]) if rows else {}
        for pk, identifier, slug, parish in rows:
            cause = causes.get(pk)
            yield Standing(
                check_code=trouble.value,
                subject=identifier,
                level=rule.level,
                title=cause.add_to(str(rule.label)) if cause else str(rule.label),
                hint=cause.advice if cause else "",
                link=reverse("admin:tenants_instance_change", args=[pk]),
                tenant=slug,
                name=parish if parish == identifier else f"{parish} – {identifier}",
            )


def _name_subject(code: str, subject: str) -> str:
    """Return how people call a subject; "" for the service as a whole."""
    if code == "manager_fault":
        return ""  # the subject is the fault's own code, which the title says in words
    return _("all parishes") if code.startswith("budget_") and not subject else subject


def _make_standing(alert: Alert, subject: str) -> Standing:
    is_budget = alert.code.startswith("budget_")
    return Standing(
        check_code=alert.code,
        subject=subject,
        level=alert.level,
        title=alert.title,
        link=alert.link,
        tenant=subject if is_budget else alert.tenants.get(subject, ""),
        name=_name_subject(alert.code, subject),
        hint=alert.hint,
    )
