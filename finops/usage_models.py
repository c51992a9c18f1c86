"""What containers were measured to use, a row a day; and the recommendations that were followed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class UsageDay(models.Model):
    """What one container used on one day of Europe/Paris. `instance`: identifier, a text, as in the ledger.

    `samples`: the day's own, packed (finops/usage/percentiles.py), while it lasts; emptied once it has ended, when the
    figures are final. A sample every five minutes makes 288 a day: 7 KB while it lasts, 100 bytes afterwards.
    """

    instance = models.CharField(_("instance"), max_length=63)
    container = models.CharField(_("container"), max_length=20)
    day = models.DateField(_("day"))
    points = models.PositiveIntegerField(_("samples"), default=0)
    cpu_p50 = models.BigIntegerField(_("CPU, median (m)"), default=0)
    cpu_p95 = models.BigIntegerField(_("CPU, 95th percentile (m)"), default=0)
    cpu_max = models.BigIntegerField(_("CPU, peak (m)"), default=0)
    cpu_sum = models.BigIntegerField(default=0)
    memory_p50 = models.BigIntegerField(_("memory, median (bytes)"), default=0)
    memory_p95 = models.BigIntegerField(_("memory, 95th percentile (bytes)"), default=0)
    memory_max = models.BigIntegerField(_("memory, peak (bytes)"), default=0)
    memory_sum = models.BigIntegerField(default=0)
    samples = models.BinaryField(default=bytes, editable=False)
    is_closed = models.BooleanField(_("day ended"), default=False)

    class Meta:
        verbose_name = _("use of a day")
        verbose_name_plural = _("uses of days")
        ordering = ("-day", "instance", "container")
        constraints = [models.UniqueConstraint(fields=("instance", "container", "day"), name="one_use_a_day")]
        indexes = [models.Index(fields=("day",), name="uses_by_day")]

    def __str__(self) -> str:
        return f"{self.instance} {self.container} {self.day}"


class FollowedAdvice(models.Model):
    """A recommendation that became a resize. `plan_before`: what undoing it goes back to; plans by name, since a plan
    may be deleted once nobody uses it. `evidence`: the advice as it was shown. `saving`: per month, as simulated."""

    operation = models.CharField(_("operation"), max_length=20, unique=True)
    instance = models.CharField(_("instance"), max_length=63)
    plan_before = models.CharField(_("plan before"), max_length=40)
    plan_after = models.CharField(_("plan after"), max_length=40)
    saving = models.DecimalField(_("saving per month"), max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    evidence = models.JSONField(_("evidence"), default=list)
    asked_at = models.DateTimeField(_("asked on"))
    asked_by = models.CharField(_("asked by"), max_length=150)

    class Meta:
        verbose_name = _("followed recommendation")
        verbose_name_plural = _("followed recommendations")
        ordering = ("-asked_at", "-id")
        indexes = [models.Index(fields=("instance",), name="advice_by_instance")]
        constraints = [
            models.CheckConstraint(condition=~Q(plan_before=models.F("plan_after")), name="advice_changes_plan")
        ]

    def __str__(self) -> str:
        return f"{self.instance} {self.plan_before} → {self.plan_after}"
