"""Recommendations and findings as rows for people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civiparoisse.presentation import format_age, format_time
from domain.specs import Resources
from domain.states import OperationKind
from domain.words import word
from finops.advice.findings import CostedWaste, make_command
from finops.advice.recommendations import Recommendation
from finops.advice.rightsizing import ContainerAdvice, Reason
from finops.advice.waste import Finding, Waste
from finops.usage.idleness import IdleSince
from finops.usage_models import FollowedAdvice
from finops.wording.formats import format_bytes, format_cores, format_money, format_signed_money
from finops.wording.words import FINDINGS, REASONS, word_component
from tenants.models import Instance

SHOWN_FOLLOWED = 20
OF_VOLUMES = (Finding.VOLUME_RELEASED, Finding.VOLUME_WITHOUT_POD)


def is_measured(advice: Iterable[Recommendation]) -> bool:
    """Return whether enough was measured to say anything about any size."""
    return any(
        Reason.MEASURED in container.reasons for recommendation in advice for container in recommendation.containers
    )


def say_nothing_found(measured: bool) -> str:
    """Return the sentence for an empty list of savings."""
    return (
        _("Nothing: sizes are right, and nothing is forgotten.")
        if measured
        else _("Nothing yet: sizes are judged once a week was measured.")
    )


def make_recommendation_rows(advice: Iterable[Recommendation]) -> list[dict[str, Any]]:
    """Return one row an instance: what would be saved, or what more it needs."""
    rows = []
    for recommendation in advice:
        rows.append(
            {
                "name": recommendation.instance.identifier,
                "link": reverse("finops_advice", args=[recommendation.instance.identifier]),
                "text": _describe_change(recommendation),
                "amount": format_signed_money(
                    None if recommendation.saving is None else -recommendation.saving, recommendation.currency
                ),
                "tone": "more" if recommendation.saving is not None and recommendation.saving < 0 else "less",
            }
        )
    return rows


def _describe_change(advice: Recommendation) -> str:
    """Return which containers need more memory, and which would do with less."""
    changed = [container for container in advice.containers if container.is_change]
    larger = [
        container
        for container in changed
        if container.proposed.memory_limit_bytes > container.current.memory_limit_bytes
    ]
    parts = []
    for text, containers in (
        (_("needs more: %(containers)s"), larger),
        (_("smaller would be enough: %(containers)s"), [container for container in changed if container not in larger]),
    ):
        if containers:
            parts.append(
                text % {"containers": ", ".join(word_component(container.container) for container in containers)}
            )
    return parts[0] if len(parts) == 1 else _("%(first)s; %(second)s") % {"first": parts[0], "second": parts[1]}


def make_advice_rows(advice: Recommendation) -> list[dict[str, Any]]:
    """Return one row a container: what it has, what it was measured to use, what it should get and why."""
    return [_make_advice_row(container) for container in advice.containers]


def _make_advice_row(container: ContainerAdvice) -> dict[str, Any]:
    seen = container.evidence
    days = ""
    if seen is not None:
        days = ngettext(
            "%(points)s sample, %(first)s – %(last)s", "%(points)s samples, %(first)s – %(last)s", seen.points
        )
        days = days % {"points": seen.points, "first": _write_day(seen.first_day), "last": _write_day(seen.last_day)}
    return {
        "name": word_component(container.container),
        "current": _describe_sizes(container.current),
        "proposed": _describe_sizes(container.proposed),
        "is_change": container.is_change,
        "cpu": "" if seen is None else f"{format_cores(seen.cpu_p95)} / {format_cores(seen.cpu_peak)}",
        "memory": "" if seen is None else f"{format_bytes(seen.memory_p95)} / {format_bytes(seen.memory_peak)}",
        "days": days,
        "reasons": ", ".join(str(REASONS[reason]) for reason in container.reasons),
    }


def _describe_sizes(sizes: Resources) -> str:
    return f"{format_cores(sizes.cpu_limit_millicores)}, {format_bytes(sizes.memory_limit_bytes)}"


def _write_day(day: Any) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def make_finding_rows(findings: Iterable[CostedWaste], *, may_ask: bool = False) -> list[dict[str, Any]]:
    """Return one row a finding, with the page of the operation that answers it where the person may ask."""
    shown = list(findings)
    keys = dict(Instance.objects.filter(identifier__in=_names(shown)).values_list("identifier", "pk"))
    return [_make_finding_row(finding, keys, may_ask=may_ask, now=timezone.now()) for finding in shown]


def _names(findings: Iterable[CostedWaste]) -> set[str]:
    return {finding.waste.instance for finding in findings if finding.waste.instance}


def _make_finding_row(finding: CostedWaste, keys: dict[str, int], *, may_ask: bool, now: datetime) -> dict[str, Any]:
    waste = finding.waste
    key = keys.get(waste.instance)
    text = str(FINDINGS[waste.finding])
    if waste.count > 1:
        text = _("%(what)s (%(count)s)") % {"what": text, "count": waste.count}
    if waste.since is not None:
        text = f"{text}, {format_age(waste.since, now=now)}"
    if waste.finding is Finding.IDLE:
        text = f"{text} ({_say_quiet(waste.quiet)})"
    amount = format_money(finding.cost, finding.currency or "EUR")
    row = {"name": _name(finding), "text": text, "amount": amount, "link": "", "command": make_command(waste)}
    if key is not None:
        row["link"] = reverse("admin:tenants_instance_change", args=[key])
    if key is None or waste.answer is None:
        row |= _link_unowned(waste, may_ask=may_ask)
    elif may_ask:
        row["answer"] = word("kind", waste.answer)
        row["answer_link"] = reverse("admin:tenants_instance_ask", args=[key, waste.answer])
        if waste.finding is Finding.OLD_BACKUPS:
            # The age of this finding, where the policy alone would keep some of them.
            row["answer_link"] += f"?{urlencode({'older_than_days': settings.BACKUP_RETENTION_DAYS})}"
    return row


def _link_unowned(waste: Waste, *, may_ask: bool) -> dict[str, str]:
    """Return the way to what no operation ends. What may be another manager's is left to the cluster's page, which says
    what it is, how to look at it and what to type."""
    if waste.removable is not None:
        link = reverse("removal", args=[waste.engine, waste.removable.value, waste.place])
        return {"link": link, **({"answer": _("remove"), "answer_link": link} if may_ask else {})}
    link = f"{reverse('admin:clusters_cluster_changelist')}?{urlencode({'q': waste.engine})}"
    return {"answer": _("look at the cluster"), "answer_link": link}


def _say_quiet(quiet: IdleSince) -> str:
    """Return what each of the two signals says."""
    logins, visits = _("logins are not known"), _("visits are not known")
    if quiet.logins is not None:
        logins = _("no login since %(day)s") % {"day": _write_day(localtime(quiet.logins))}
    if quiet.visits is not None:
        visits = _("no visit since %(day)s") % {"day": _write_day(localtime(quiet.visits))}
    return f"{logins}, {visits}"


def _name(finding: CostedWaste) -> str:
    waste = finding.waste
    if waste.finding is Finding.FAILED_RUNS:
        return f"{waste.instance} – {word_component(waste.name)}"
    # The name of a volume tells nobody anything.
    return f"{waste.instance} – {waste.name}" if waste.finding in OF_VOLUMES and waste.instance else waste.name


def make_followed_rows(*, may_ask: bool) -> list[dict[str, Any]]:
    """Return the recommendations that were followed, the newest first, each with the way back while it makes sense:
    the instance still has that plan, and the earlier one still exists."""
    followed = list(FollowedAdvice.objects.all()[:SHOWN_FOLLOWED])
    names = {advice.instance for advice in followed}
    present = {
        identifier: (key, plan)
        for identifier, key, plan in Instance.objects.filter(identifier__in=names).values_list(
            "identifier", "pk", "plan__name"
        )
    }
    rows = []
    for advice in followed:
        key, plan = present.get(advice.instance, (None, ""))
        undo = ""
        if may_ask and key is not None and plan == advice.plan_after:
            undo = reverse("admin:tenants_instance_ask", args=[key, OperationKind.RESIZE])
            undo = f"{undo}?plan={advice.plan_before}"
        rows.append(
            {
                "instance": advice.instance,
                "before": advice.plan_before,
                "after": advice.plan_after,
                "saving": format_signed_money(
                    None if advice.saving is None else -advice.saving, advice.currency or "EUR"
                ),
                "asked": format_time(advice.asked_at),
                "by": advice.asked_by,
                "undo": undo,
            }
        )
    return rows
