"""Where instances run besides this machine: clusters, and what was last found out about each."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import CheckConstraint, Q
from django.utils.translation import gettext_lazy as _

from clusters.parameters import PARAMETERS, RepairPolicy, parse_rare_settings
from domain.cluster import IngressKind
from domain.errors import CiviparoisseError, InvalidValue
from domain.findings import Level
from tenants.encryption import EncryptedTextField
from tenants.guarded_rows import GuardedQuerySet
from tenants.models import Instance

INGRESS_KINDS = {
    IngressKind.TRAEFIK.value: _("Traefik (IngressRoute)"),
    IngressKind.INGRESS.value: _("standard Ingress"),
    IngressKind.GATEWAY.value: _("Gateway API (HTTPRoute)"),
    IngressKind.NONE.value: _("none"),
}
REPAIR_POLICIES = {
    RepairPolicy.REPORT.value: _("report only"),
    RepairPolicy.REPAIR.value: _("repair automatically"),
}
LEVELS = {Level.OK.value: _("in order"), Level.WARNING.value: _("warning"), Level.CRITICAL.value: _("critical")}
# How many of the instances in the way a refusal names.
NAMED_INSTANCES = 5


def validate_settings(value: object) -> None:
    """Raise ValidationError unless `value` holds rare settings only, each of its form."""
    try:
        parse_rare_settings("settings", value)
    except InvalidValue as error:
        raise ValidationError(str(error.params["reason"]), code="invalid") from error


class Cluster(models.Model):
    """A Kubernetes cluster. `name` is what Instance.engine holds, so it never changes.

    `kubeconfig`: empty for the pod's own account. Empty names mean the cluster's default (classes), none (secrets,
    section) or the installation's own (domain, host_template). `settings`: rare ones, by field of ClusterSettings.
    `deletion_grace_hours`: how long a deletion can be undone. `manager`: the mark of this manager on what it makes.
    """

    name = models.CharField(_("name"), max_length=40, unique=True)
    kubeconfig = EncryptedTextField("kubeconfig", blank=True)
    domain = models.CharField(_("domain of the hosts"), max_length=200, blank=True)
    host_template = models.CharField(_("hosts"), max_length=200, blank=True)
    storage_class = models.CharField(_("storage class"), max_length=253, blank=True)
    ingress_kind = models.CharField(
        _("way in"),
        max_length=16,
        default=IngressKind.TRAEFIK.value,
        choices=list(INGRESS_KINDS.items()),
    )
    ingress_class = models.CharField(_("ingress class"), max_length=253, blank=True)
    ingress_namespace = models.CharField(_("namespace of the controller"), max_length=63, default="traefik")
    ingress_tls_secret = models.CharField(_("Secret of the public certificate"), max_length=253, blank=True)
    gateway_name = models.CharField(_("Gateway"), max_length=253, default="civiparoisse")
    gateway_namespace = models.CharField(_("namespace of the Gateway"), max_length=63, default="gateway")
    gateway_section = models.CharField(_("section of the Gateway"), max_length=253, blank=True)
    image_pull_config = EncryptedTextField(_("account of the image registry"), blank=True)
    priority_class = models.CharField(_("priority class"), max_length=253, blank=True)
    spread_instances = models.BooleanField(_("spread over nodes"), default=True)
    settings = models.JSONField(_("rare settings"), default=dict, blank=True, validators=[validate_settings])
    deletion_grace_hours = models.PositiveIntegerField(_("grace before a purge (hours)"), default=72)
    repair_policy = models.CharField(
        _("drift"),
        max_length=16,
        default=RepairPolicy.REPORT.value,
        choices=list(REPAIR_POLICIES.items()),
    )
    repair_at_most = models.PositiveSmallIntegerField(_("repairs at once, at most"), default=3)
    manager = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        verbose_name = _("cluster")
        verbose_name_plural = _("clusters")
        ordering = ("name",)
        permissions = [("open_tools", _("may open the tools of an instance"))]
        constraints = [
            CheckConstraint(
                condition=Q(repair_at_most__gt=0),
                name="cluster_repairs_some",
                violation_error_message=_("At least one repair at once; to repair none, choose “report only”."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row. Raise CiviparoisseError `cluster_in_use` while an instance is recorded on it."""
        with transaction.atomic():
            refuse_cluster_in_use(Cluster.objects.select_for_update().only("name").get(pk=self.pk))
            return super().delete(*args, **kwargs)

    def read_parameters(self) -> dict[str, Any]:
        """Return every parameter by name, secrets included."""
        return {name: getattr(self, name) for name in PARAMETERS}


def refuse_cluster_in_use(cluster: Cluster) -> None:
    """Raise CiviparoisseError `cluster_in_use`, naming some instances in the way, if there are any."""
    names = list(
        Instance.objects.filter(engine=cluster.name).order_by("identifier").values_list("identifier", flat=True)
    )
    if not names:
        return
    shown = names[:NAMED_INSTANCES]
    raise CiviparoisseError(
        "cluster_in_use",
        cluster=cluster.name,
        count=len(names),
        instances=", ".join(shown) + (", …" if len(names) > len(shown) else ""),
        commands=", ".join(f"instance_delete {name} --purge-backups --confirm {name}" for name in shown),
    )


class ReportKind(models.TextChoices):
    """What a report is about."""

    CHECK = "check", _("check")
    DRIFT = "drift", _("drift")


class ClusterReport(models.Model):
    """What was last found out about a cluster: one row a kind. `document`: see clusters/inspection.py, drift.py."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="reports", verbose_name=_("cluster"))
    kind = models.CharField(_("kind"), max_length=8, choices=ReportKind.choices)
    level = models.CharField(_("result"), max_length=8, choices=list(LEVELS.items()))
    at = models.DateTimeField(_("at"))
    document = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("report on a cluster")
        verbose_name_plural = _("reports on clusters")
        ordering = ("cluster", "kind")
        constraints = [models.UniqueConstraint(fields=("cluster", "kind"), name="one_report_per_kind")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class CertificateExpiry(models.Model):
    """When the first of an instance's server certificates expires, as it was last seen on its cluster."""

    instance = models.OneToOneField(
        Instance, on_delete=models.CASCADE, related_name="certificate_expiry", verbose_name=_("instance")
    )
    expires_at = models.DateTimeField(_("expires"))
    observed_at = models.DateTimeField(_("seen"))

    class Meta:
        verbose_name = _("expiry of certificates")
        verbose_name_plural = _("expiries of certificates")
        ordering = ("expires_at",)

    def __str__(self) -> str:
        return f"{self.instance_id} {self.expires_at}"
