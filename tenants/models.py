"""Who exists: parishes (tenants), their instances, and the plans and releases these use."""

from typing import Any

from django.db import models, transaction
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from domain.closed_page import Closing
from domain.specs import CONTAINERS, InstanceKind
from domain.states import InstanceState
from domain.words import INSTANCE_STATES
from tenants.defaults import WithDefault
from tenants.deletion import refuse_instance_in_use, refuse_tenant_in_use
from tenants.encryption import EncryptedJSONField, EncryptedTextField
from tenants.guarded_rows import GuardedQuerySet
from tenants.plan_rules import CONTAINER_RULES, PLAN_RULES, validate_images, validate_texts
from tenants.sort_keys import SortKeyField


class Tenant(models.Model):
    """A parish. Its parameters are those of docs/domain.md#parameters, validated in domain/parameters.py."""

    slug = models.CharField(_("sub-domain"), max_length=40, unique=True)
    name = models.CharField(_("name of the parish"), max_length=128)
    name_key = SortKeyField(_("order of the name"), max_length=128, of="name", db_index=True)
    street_number = models.CharField(_("street number"), max_length=16, blank=True)
    street = models.CharField(_("street"), max_length=128)
    postcode = models.CharField(_("post code"), max_length=5)
    city = models.CharField(_("city"), max_length=64)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    drupal_site_mail = models.EmailField(_("mail of the Drupal site"))
    civicrm_domain_mail = models.EmailField(_("mail of the CiviCRM domain"))
    civicrm_domain = models.CharField(_("name of the CiviCRM domain"), max_length=64)
    admin_mail = models.EmailField(_("mail of the administrator"))
    admin_name = models.CharField(_("name of the administrator"), max_length=64)
    admin_description = models.CharField(_("description of the administrator"), max_length=128, blank=True)
    smtp_host = models.CharField(_("SMTP server"), max_length=253, blank=True)
    smtp_port = models.PositiveIntegerField(_("SMTP port"), default=587)
    smtp_user = models.CharField(_("SMTP user"), max_length=128, blank=True)
    smtp_password = EncryptedTextField(_("SMTP password"), blank=True)
    imap_host = models.CharField(_("IMAP server"), max_length=253, blank=True)
    imap_port = models.PositiveIntegerField(_("IMAP port"), default=993)
    imap_user = models.CharField(_("IMAP user"), max_length=128, blank=True)
    imap_password = EncryptedTextField(_("IMAP password"), blank=True)
    imap_use_ssl = models.BooleanField(_("IMAP over TLS"), default=True)
    imap_folder = models.CharField(_("IMAP folder"), max_length=64, default="INBOX")
    return_path = models.EmailField(_("Return-Path of mailings"), blank=True)
    verp_localpart = models.CharField(_("VERP local part"), max_length=32, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = GuardedQuerySet.as_manager()

    class Meta:
        verbose_name = _("parish")
        verbose_name_plural = _("parishes")
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; where only some columns are, the name's order goes with the name."""
        if kwargs.get("update_fields") is not None and "name" in kwargs["update_fields"]:
            kwargs["update_fields"] = [*kwargs["update_fields"], "name_key"]
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the parish and the rows of its purged instances. Raise CiviparoisseError `tenant_in_use`."""
        with transaction.atomic():
            # Held until the end: an instance is created under the same lock.
            Tenant.objects.select_for_update().filter(pk=self.pk).first()
            refuse_tenant_in_use(self)
            self.instances.all().delete()
            return super().delete(*args, **kwargs)


class Plan(WithDefault):
    """Sizes of an instance; containers in PlanContainer. Exactly one is the default."""

    name = models.SlugField(_("name"), max_length=40, unique=True)
    db_volume_bytes = models.PositiveBigIntegerField(_("database volume (bytes)"))
    files_volume_bytes = models.PositiveBigIntegerField(_("files volume (bytes)"))
    private_volume_bytes = models.PositiveBigIntegerField(_("private files volume (bytes)"))
    backups_volume_bytes = models.PositiveBigIntegerField(_("backups volume (bytes)"))
    max_request_workers = models.PositiveSmallIntegerField("MaxRequestWorkers", default=4)
    server_limit = models.PositiveSmallIntegerField("ServerLimit", default=4)
    start_servers = models.PositiveSmallIntegerField("StartServers", default=4)
    min_spare_servers = models.PositiveSmallIntegerField("MinSpareServers", default=1)
    max_spare_servers = models.PositiveSmallIntegerField("MaxSpareServers", default=4)
    max_connections_per_child = models.PositiveIntegerField("MaxConnectionsPerChild", default=1)
    listen_backlog = models.PositiveIntegerField("ListenBacklog", default=1)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ("name",)
        constraints = PLAN_RULES

    def __str__(self) -> str:
        return self.name


class PlanContainer(models.Model):
    """Request and limit of one container of a plan."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="containers", verbose_name=_("plan"))
    container = models.CharField(_("container"), max_length=20, choices=[(name, name) for name in CONTAINERS])
    cpu_request_millicores = models.PositiveIntegerField(_("CPU request (m)"))
    cpu_limit_millicores = models.PositiveIntegerField(_("CPU limit (m)"))
    memory_request_bytes = models.PositiveBigIntegerField(_("memory request (bytes)"))
    memory_limit_bytes = models.PositiveBigIntegerField(_("memory limit (bytes)"))

    class Meta:
        verbose_name = _("container")
        verbose_name_plural = _("containers")
        ordering = ("plan", "container")
        constraints = [
            models.UniqueConstraint(fields=("plan", "container"), name="one_row_per_container"),
            *CONTAINER_RULES,
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.container}"


class Release(WithDefault):
    """A set of images that were tested together. `images`: component -> reference; `versions`: product -> version.
    Exactly one is the default."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    images = models.JSONField(_("images"), default=dict, blank=True, validators=[validate_images])
    versions = models.JSONField(_("versions"), default=dict, blank=True, validators=[validate_texts])

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Instance(models.Model):
    """The running Civiparoisse of a parish. `identifier` is its one public name: command line, API, namespace,
    directory. Production: the tenant's slug; others: slug-kind."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="instances", verbose_name=_("parish"))
    kind = models.CharField(
        _("kind"),
        max_length=16,
        default=InstanceKind.PRODUCTION.value,
        choices=[
            (InstanceKind.PRODUCTION.value, _("production")),
            (InstanceKind.SANDBOX.value, _("sandbox")),
            (InstanceKind.VERIFICATION.value, _("verification")),
        ],
    )
    identifier = models.CharField(_("identifier"), max_length=63, unique=True)
    host = models.CharField(_("host"), max_length=253, unique=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, verbose_name=_("plan"))
    release = models.ForeignKey(Release, on_delete=models.PROTECT, verbose_name=_("release"))
    engine = models.CharField(_("engine"), max_length=40, default="local")
    state = models.CharField(
        _("state"),
        max_length=16,
        default=InstanceState.NEW.value,
        choices=[(code, lazystr(text)) for code, text in INSTANCE_STATES.items()],
    )
    # Why it is failed, and of which operation; None when it is not.
    error_code = models.CharField(max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    secrets = EncryptedJSONField(blank=True, default=dict, editable=False)
    mail_enabled = models.BooleanField(_("outgoing mail"), default=True)
    cron_enabled = models.BooleanField(_("cron"), default=True)
    url = models.CharField(_("address"), max_length=253, blank=True)
    cron_next_run_at = models.DateTimeField(_("next cron run"), null=True, blank=True)
    cron_last_run_at = models.DateTimeField(_("last cron run"), null=True, blank=True)
    cron_last_ok = models.BooleanField(_("last cron run succeeded"), null=True, blank=True)
    # What volumes hold in spite of a smaller plan, since a volume cannot shrink: the plan's field -> bytes.
    grown_volumes = models.JSONField(default=dict, blank=True, editable=False)
    # What visitors are told while the site is closed, "" while it is not; when it is expected back, if that is known.
    closing = models.CharField(
        max_length=16, blank=True, default="", choices=[(one.value, one.value) for one in Closing]
    )
    back_at = models.DateTimeField(_("expected back"), null=True, blank=True)
    purged_at = models.DateTimeField(_("purge proven"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = GuardedQuerySet.as_manager()

    class Meta:
        verbose_name = _("instance")
        verbose_name_plural = _("instances")
        ordering = ("identifier",)

    def __str__(self) -> str:
        return self.identifier

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row of an instance whose purge is proven. Raise CiviparoisseError `instance_in_use`."""
        with transaction.atomic():
            # Held until the end: operations are requested under the same lock.
            refuse_instance_in_use(Instance.objects.select_for_update().get(pk=self.pk))
            self.backups.all().delete()
            return super().delete(*args, **kwargs)


class Activity(models.Model):
    """When somebody last used an instance, as far as it is known; None: never, or not known. Nothing of who it was.

    `visits_counted_since`: the first of the looks since which the web server's log has told of every request, None
    where it does not tell. `…_looked_at`: when it was last looked for, in the log and in the accounts.
    """

    instance = models.OneToOneField(
        Instance, on_delete=models.CASCADE, related_name="activity", verbose_name=_("instance")
    )
    visited_at = models.DateTimeField(_("last visit"), null=True)
    visits_counted_since = models.DateTimeField(_("visits counted since"), null=True)
    visits_looked_at = models.DateTimeField(_("visits looked for"), null=True)
    login_at = models.DateTimeField(_("last login"), null=True)
    logins_looked_at = models.DateTimeField(_("logins looked for"), null=True)

    class Meta:
        verbose_name = _("use of an instance")
        verbose_name_plural = _("use of instances")
        ordering = ("instance",)

    def __str__(self) -> str:
        return f"{self.instance_id} {self.visited_at} {self.login_at}"
