"""Clusters for people: the list with the last looks, the page of each with what was found, its settings."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from civiparoisse.admin_base import ModelAdmin, display, make_page, show_refusal
from civiparoisse.presentation import BAD, DOUBTFUL, GOOD, NOTHING, format_age, format_time
from clusters.documents import CheckSerializer, describe_account, list_clusters, make_drift_document
from clusters.drift import look_for_drift
from clusters.inspection import check_cluster
from clusters.models import LEVELS, Cluster, ReportKind, refuse_cluster_in_use
from clusters.parameters import SECRET_FIELDS
from clusters.registry import delete_cluster
from clusters.repair import request_repairs
from console.clusters.forms import ClusterForm
from console.instances.columns import make_badge
from domain.errors import CiviparoisseError
from domain.findings import Level
from domain.states import OperationKind
from operations.permissions import may_ask, require_kind

LEVEL_COLOURS = {Level.OK.value: GOOD, Level.WARNING.value: DOUBTFUL, Level.CRITICAL.value: BAD}
ACCOUNTS = {
    "pod": gettext_lazy("the manager’s own pod"),
    "token": gettext_lazy("a token"),
    "certificate": gettext_lazy("a certificate"),
    "?": gettext_lazy("cannot be read"),
}


@admin.register(Cluster)
class ClusterAdmin(ModelAdmin):
    """Clusters. Secrets go in and never come out."""

    form = ClusterForm
    actions = ("check_chosen",)
    list_display = ("show_name", "show_server", "ingress_kind", "show_instances", "show_check", "show_drift")
    list_display_links = None
    search_fields = ("name", "domain")
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("name", "kubeconfig", "forget_kubeconfig", "domain", "host_template")}),
        (gettext_lazy("Storage"), {"fields": ("storage_class", "deletion_grace_hours")}),
        (
            gettext_lazy("Way in"),
            {
                "fields": (
                    "ingress_kind",
                    "ingress_class",
                    "ingress_namespace",
                    "ingress_tls_secret",
                    "gateway_name",
                    "gateway_namespace",
                    "gateway_section",
                )
            },
        ),
        (gettext_lazy("Drift"), {"fields": ("repair_policy", "repair_at_most")}),
        (
            gettext_lazy("Pods"),
            {"fields": ("spread_instances", "priority_class", "image_pull_config", "forget_image_pull_config")},
        ),
        (gettext_lazy("Rare settings"), {"fields": ("settings",), "classes": ("collapse",)}),
    )

    @display(description=gettext_lazy("name"), ordering="name")
    def show_name(self, cluster: Cluster) -> SafeString:
        """Return the name, leading to its page."""
        link = reverse("admin:clusters_cluster_page", args=[cluster.pk])
        return format_html('<a class="cp-link" href="{}">{}</a>', link, cluster.name)

    @display(description=gettext_lazy("server"))
    def show_server(self, cluster: Cluster) -> str:
        """Return the API's address."""
        account = describe_account(cluster)
        return str(ACCOUNTS["?"]) if account["account"] == "?" else account["server"] or NOTHING

    @display(description=gettext_lazy("instances"), ordering="instance_count")
    def show_instances(self, cluster: Any) -> int:
        """Return how many are recorded on it."""
        return int(cluster.instance_count)

    @display(description=gettext_lazy("last check"))
    def show_check(self, cluster: Cluster) -> SafeString | str:
        """Return the result of the last check and its age."""
        return _show_report(cluster, ReportKind.CHECK)

    @display(description=gettext_lazy("drift"))
    def show_drift(self, cluster: Cluster) -> SafeString | str:
        """Return the result of the last look for drift and its age."""
        return _show_report(cluster, ReportKind.DRIFT)

    @admin.action(description=gettext_lazy("Check the chosen clusters"), permissions=["change"])
    def check_chosen(self, request: HttpRequest, rows: QuerySet[Cluster]) -> None:
        """Check the chosen clusters, one after the other."""
        for cluster in rows:
            _say_level(request, cluster, check_cluster(cluster, now=timezone.now()).level)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cluster]:  # noqa: ARG002 - Django's signature
        """Return clusters with all that the list shows, in two queries."""
        return list_clusters().order_by("name")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the actions, less the one that deletes many: each cluster is deleted on its own, with its reason."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return the groups of fields. Those who only look see values as they are: no secret for them."""
        groups = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return groups
        hidden = SECRET_FIELDS | {f"forget_{name}" for name in SECRET_FIELDS}
        return [
            (title, {**options, "fields": tuple(name for name in options["fields"] if name not in hidden)})
            for title, options in groups
        ]

    def delete_model(self, request: HttpRequest, obj: Cluster) -> None:
        """Delete through the registry."""
        delete_cluster(obj, requested_by=request.user.get_username())

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, then delete; while instances are recorded on it, say which, and what to do."""
        cluster = self.get_object(request, object_id)
        try:
            if cluster is not None and self.has_delete_permission(request, cluster):
                refuse_cluster_in_use(cluster)
            return super().delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]
        except CiviparoisseError as error:
            show_refusal(request, error)
            return redirect("admin:clusters_cluster_page", object_id)

    def response_post_save_add(self, request: HttpRequest, obj: Cluster) -> HttpResponse:  # noqa: ARG002 - Django's
        """Go to the cluster's page: the next thing is its check."""
        return redirect("admin:clusters_cluster_page", obj.pk)

    response_post_save_change = response_post_save_add

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a cluster and what can be asked there."""

        def add(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            made: URLPattern = path(
                f"<int:pk>/{route}/", self.admin_site.admin_view(view), name=f"clusters_cluster_{name}"
            )
            return made

        own = [
            add("page", self.show_page, "page"),
            add("check", self.ask_check, "check"),
            add("drift", self.ask_drift, "drift"),
            add("repair", self.ask_repair, "repair"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def show_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the page of a cluster."""
        cluster = self._get_row(request, pk)
        context = _describe(cluster)
        may_change = self.has_change_permission(request, cluster)
        may_repair = may_ask(request.user, OperationKind.RESUME)
        context |= {"may_change": may_change, "may_repair": may_change and may_repair}
        return make_page(self, request, "clusters/page.html", row=cluster, title=cluster.name, **context)

    def ask_check(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Check the cluster now."""
        cluster = self._get_row(request, pk, to_change=True)
        _say_level(request, cluster, check_cluster(cluster, now=timezone.now()).level)
        return redirect("admin:clusters_cluster_page", pk)

    def ask_drift(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Look for drift now."""
        cluster = self._get_row(request, pk, to_change=True)
        _say_level(request, cluster, look_for_drift(cluster, now=timezone.now()).level.value)
        return redirect("admin:clusters_cluster_page", pk)

    def ask_repair(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Look again, and ask for repairs of what has drifted."""
        cluster = self._get_row(request, pk, to_change=True)
        require_kind(request.user, OperationKind.RESUME)
        now = timezone.now()
        report = look_for_drift(cluster, now=now)
        asked = request_repairs(
            report, at_most=cluster.repair_at_most, requested_by=request.user.get_username(), now=now
        )
        text = ngettext("%(count)s repair asked: %(names)s", "%(count)s repairs asked: %(names)s", len(asked))
        messages.info(request, text % {"count": len(asked), "names": ", ".join(asked) or NOTHING})
        return redirect("admin:clusters_cluster_page", pk)

    def _get_row(self, request: HttpRequest, pk: int, *, to_change: bool = False) -> Any:
        """Return the cluster. Raise PermissionDenied or Http404; what changes something is asked by POST."""
        cluster = self.get_queryset(request).filter(pk=pk).first()
        permitted = self.has_change_permission if to_change else self.has_view_permission
        if not permitted(request, cluster):
            raise PermissionDenied
        if cluster is None or (to_change and request.method != "POST"):
            raise Http404
        return cluster


def _show_report(cluster: Cluster, kind: ReportKind) -> SafeString | str:
    report = next((one for one in cluster.reports.all() if one.kind == kind.value), None)
    if report is None:
        return NOTHING
    badge = make_badge(LEVELS[report.level], LEVEL_COLOURS[report.level])
    return format_html('{} <span class="cp-quiet">{}</span>', badge, format_age(report.at, now=timezone.now()))


def _say_level(request: HttpRequest, cluster: Cluster, level: str) -> None:
    say = {Level.OK.value: messages.success, Level.WARNING.value: messages.warning}.get(level, messages.error)
    say(request, f"{cluster.name} : {LEVELS[level]}")


def _describe(cluster: Any) -> dict[str, Any]:
    """Return what the page shows."""
    reports = {report.kind: report for report in cluster.reports.all()}
    check, drift = reports.get(ReportKind.CHECK.value), reports.get(ReportKind.DRIFT.value)
    account = describe_account(cluster)
    shown_drift = None if drift is None else make_drift_document(cluster.name, drift.level, drift.at, drift.document)
    return {
        "cluster": cluster,
        "facts": [
            (_("Server"), account["server"] or NOTHING),
            (_("Account"), str(ACCOUNTS[account["account"] or "?"])),
            (_("Domain of the hosts"), cluster.domain or NOTHING),
            (_("Way in"), str(cluster.get_ingress_kind_display())),
            (_("Storage class"), cluster.storage_class or _("the cluster’s default")),
            (_("Drift"), str(cluster.get_repair_policy_display())),
            (_("Instances"), str(cluster.instance_count)),
            (_("Known since"), format_time(cluster.created_at)),
        ],
        "check": None if check is None else _add_badges(CheckSerializer(check).data),
        "check_badge": _show_report(cluster, ReportKind.CHECK),
        "drift": None if shown_drift is None else _add_badges(shown_drift),
        "drift_badge": _show_report(cluster, ReportKind.DRIFT),
    }


def _add_badges(report: dict[str, Any]) -> dict[str, Any]:
    """Return the report with a badge for each finding, the worst first."""
    order = [level.value for level in reversed(Level)]
    findings = sorted(report["findings"], key=lambda found: order.index(found["level"]))
    badged = [{**one, "badge": make_badge(LEVELS[one["level"]], LEVEL_COLOURS[one["level"]])} for one in findings]
    return {**report, "findings": badged}
