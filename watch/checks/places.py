"""Alerts about where instances run: engines that are silent or full, checks of clusters, drift."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.presentation import format_time
from clusters.models import Cluster, ClusterReport, ReportKind
from domain.errors import render_error
from domain.finding_texts import render_finding
from domain.findings import SEVERITY, Level
from domain.words import word
from watch.checks.shapes import Alert, Example
from watch.models import Sighting
from watch.sightings import WASTE

CHECKS = {
    "engine_silent": gettext_lazy("An engine does not answer"),
    "engine_full": gettext_lazy("An engine takes no further instance"),
    "cluster_unchecked": gettext_lazy("A cluster was never checked"),
    "cluster_check": gettext_lazy("The check of a cluster found something"),
    "drift": gettext_lazy("A cluster is not as it should be (drift)"),
    "drift_late": gettext_lazy("Drift was not looked at"),
}
# Drift is looked at every hour (settings.CELERY_BEAT_SCHEDULE).
OLD_HOURS = 6
NAMED = 3


def list_place_alerts(*, now: datetime) -> Iterator[Alert]:
    """Give what is wrong with engines and clusters, as far as it was seen. Clusters are few: all are looked through."""
    yield from _list_sightings()
    reports = {(row.cluster_id, row.kind): row for row in ClusterReport.objects.all()}
    for cluster in Cluster.objects.only("pk", "name"):
        link, name = reverse("admin:clusters_cluster_page", args=[cluster.pk]), (cluster.name,)
        check, drift = (reports.get((cluster.pk, kind.value)) for kind in (ReportKind.CHECK, ReportKind.DRIFT))
        if check is None:
            title = _("The cluster %(name)s was never checked") % {"name": cluster.name}
            yield Alert(code="cluster_unchecked", subjects=name, level=Level.WARNING, title=title, count=1, link=link)
        elif check.level != Level.OK:
            title = _("The check of the cluster %(name)s found something") % {"name": cluster.name}
            yield _make_report("cluster_check", check, title, link, name)
        if drift is not None and drift.level != Level.OK:
            title = _("The cluster %(name)s is not as it should be (drift)") % {"name": cluster.name}
            yield _make_report("drift", drift, title, link, name)
        if drift is not None and drift.at < now - timedelta(hours=OLD_HOURS):
            title = _("The drift of the cluster %(name)s was last looked at on %(time)s")
            named = {"name": cluster.name, "time": format_time(drift.at)}
            yield Alert(code="drift_late", subjects=name, level=Level.WARNING, title=title % named, count=1, link=link)


def _make_report(code: str, report: ClusterReport, title: str, link: str, name: tuple[str, ...]) -> Alert:
    """Return an alert with the worst findings, and for drift how many instances differ."""
    document: dict[str, Any] = report.document
    findings = sorted(document.get("findings", []), key=lambda finding: -SEVERITY.index(Level(finding["level"])))
    examples = []
    drifted = document.get("drifted") or len(document.get("instances", ()))
    if drifted:
        examples.append(Example(name=_("Instances that differ: %(count)s") % {"count": drifted}, link=link))
    for finding in findings:
        if finding["level"] != Level.OK and len(examples) < NAMED:
            message, hint = render_finding(finding["code"], finding["params"])
            examples.append(Example(name=message, link=link, hint=hint))
    return Alert(
        code=code,
        subjects=name,
        level=Level(report.level),
        title=title,
        count=1,
        link=link,
        examples=tuple(examples),
    )


def _list_sightings() -> Iterator[Alert]:
    for row in Sighting.objects.exclude(engine=WASTE):
        seen: dict[str, Any] = row.document
        link = _find_link(row.engine)
        if "code" in seen:
            message, hint = render_error(seen["code"], seen["params"])
            title = _("The engine %(name)s does not answer") % {"name": row.engine}
            examples = (Example(name=message, link=link),)
            yield Alert(
                code="engine_silent",
                subjects=(row.engine,),
                level=Level.CRITICAL,
                title=title,
                count=1,
                link=link,
                hint=hint,
                examples=examples,
            )
        elif seen["more"] == 0:
            title = _("The engine %(name)s takes no further instance (bound by: %(binding)s)")
            named = {"name": row.engine, "binding": word("binding", seen["binding"])}
            yield Alert(
                code="engine_full",
                subjects=(row.engine,),
                level=Level.WARNING,
                title=title % named,
                count=1,
                link=reverse("finops_dashboard"),
            )


def _find_link(engine: str) -> str:
    pk = Cluster.objects.filter(name=engine).values_list("pk", flat=True).first()
    return (
        reverse("admin:tenants_instance_changelist")
        if pk is None
        else reverse("admin:clusters_cluster_page", args=[pk])
    )
