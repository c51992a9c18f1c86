"""What was held by whom, since when and until when; what it is worth; what was invoiced. Facts, never samples."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from domain.errors import CiviparoisseError
from finops.price_models import PriceLine, PriceSheet
from finops.usage_models import FollowedAdvice, UsageDay
from tenants.guarded_rows import GuardedQuerySet

__all__ = [
    "Budget",
    "BudgetAlert",
    "ClosedLine",
    "ClosedMonth",
    "FollowedAdvice",
    "Interval",
    "IntervalSource",
    "PriceLine",
    "PriceSheet",
    "Resource",
    "UsageDay",
]


class Resource(models.TextChoices):
    """What an interval holds. `run`: CPU and memory of something that ends by itself."""

    COMPUTE = "compute", _("servers")
    RUN = "run", _("runs")
    STORAGE = "storage", _("volumes")
    BACKUP = "backup", _("backups")


class IntervalSource(models.TextChoices):
    """How we know. `spec`: we decided it; `live`: the engine told when it began and ended; `estimate`: by duty cycle,
    because nobody saw it."""

    SPEC = "spec", _("decided")
    LIVE = "live", _("observed")
    ESTIMATE = "estimate", _("estimated")


class Interval(models.Model):
    """One thing that one instance held from `start` (included) to `end` (excluded), in whole seconds since 1970, UTC.

    `instance`, `tenant`: identifier and slug, texts, since they outlive the rows. `component`: db, httpd; the program
    that ran; the volume; the backup's identifier. `run`: name of a single run, empty for what lasts and for tallies.
    `held_seconds`: of a tally, how long the runs of one day (Europe/Paris) held it together; None: from start to end.
    `counted_until`: of a tally, the end of the last run in it. `open_key`: names what is held while it is held, then
    None; unique, so that the database itself refuses to hold the same thing twice.
    """

    instance = models.CharField(_("instance"), max_length=63)
    tenant = models.CharField(_("parish"), max_length=40)
    engine = models.CharField(_("engine"), max_length=40)
    resource = models.CharField(_("resource"), max_length=8, choices=Resource.choices)
    component = models.CharField(_("component"), max_length=40)
    run = models.CharField(_("run"), max_length=100, blank=True)
    cpu_millicores = models.BigIntegerField(_("CPU (m)"), default=0)
    memory_bytes = models.BigIntegerField(_("memory (bytes)"), default=0)
    storage_bytes = models.BigIntegerField(_("storage (bytes)"), default=0)
    storage_class = models.CharField(_("storage class"), max_length=63, blank=True)
    start = models.BigIntegerField(_("start"))
    end = models.BigIntegerField(_("end"), null=True, blank=True)
    held_seconds = models.BigIntegerField(_("held (s)"), null=True, blank=True)
    runs = models.PositiveIntegerField(_("runs"), default=0)
    failed_runs = models.PositiveIntegerField(_("failed runs"), default=0)
    counted_until = models.BigIntegerField(null=True, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=IntervalSource.choices)
    why = models.CharField(_("why"), max_length=60, blank=True)
    open_key = models.CharField(max_length=190, null=True, unique=True, editable=False)  # noqa: DJ001 - NULLs never clash

    class Meta:
        verbose_name = _("interval")
        verbose_name_plural = _("intervals")
        ordering = ("-start", "-id")
        indexes = [
            models.Index(fields=("resource", "start"), name="intervals_by_start"),
            models.Index(fields=("resource", "end"), name="intervals_by_end"),
            models.Index(fields=("instance", "resource", "component", "end"), name="intervals_of_instance"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("instance", "resource", "component", "run", "start"), name="interval_begins_once"
            ),
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gt=models.F("start")), name="interval_lasts"),
            models.CheckConstraint(
                condition=Q(end__isnull=True, open_key__isnull=False) | Q(end__isnull=False, open_key__isnull=True),
                name="interval_open_or_ended",
            ),
            models.CheckConstraint(
                condition=Q(cpu_millicores__gte=0, memory_bytes__gte=0, storage_bytes__gte=0),
                name="interval_holds_no_less_than_nothing",
            ),
            models.CheckConstraint(
                condition=Q(held_seconds__isnull=True) | Q(held_seconds__gte=0, end__isnull=False),
                name="interval_tally_has_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instance} {self.resource} {self.component}"

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return datetime.fromtimestamp(self.start, tz=UTC)

    @property
    def ended_at(self) -> datetime | None:
        """When it ended; None while it is held."""
        return None if self.end is None else datetime.fromtimestamp(self.end, tz=UTC)


class Budget(models.Model):
    """What one month may cost. `tenant`: the parish's slug, empty for all parishes together."""

    tenant = models.CharField(_("parish"), max_length=40, blank=True, unique=True)
    amount = models.DecimalField(_("amount per month"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering = ("tenant",)
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="budget_is_positive")]

    def __str__(self) -> str:
        return self.tenant or str(_("all parishes"))


class AlertBasis(models.TextChoices):
    """What reached the threshold."""

    FORECAST = "forecast", _("forecast")
    ACTUAL = "actual", _("actual")


class BudgetAlert(models.Model):
    """A threshold (percent of the budget) was reached: one row, and one alert, per threshold and month."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="alerts", verbose_name=_("budget"))
    month = models.CharField(_("month"), max_length=7)
    threshold = models.PositiveSmallIntegerField(_("threshold (%)"))
    basis = models.CharField(_("basis"), max_length=8, choices=AlertBasis.choices)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=2)
    limit = models.DecimalField(_("budget"), max_digits=14, decimal_places=2)
    raised_at = models.DateTimeField(_("raised"))

    class Meta:
        verbose_name = _("budget alert")
        verbose_name_plural = _("budget alerts")
        ordering = ("-month", "budget", "-threshold")
        constraints = [models.UniqueConstraint(fields=("budget", "month", "threshold"), name="one_alert_per_threshold")]

    def __str__(self) -> str:
        return f"{self.month} {self.budget} {self.threshold} %"


class Guarded(models.Manager[Any]):
    """Deletes row by row, so that each row's own refusal is asked, by lists of the administration too."""

    def get_queryset(self) -> GuardedQuerySet[Any]:
        """Return the rows, guarded."""
        return GuardedQuerySet(self.model, using=self._db)


class ClosedMonth(models.Model):
    """A month whose figures are final. Only the provider's invoice may be entered later.

    `bill`: the sum of its lines. `hours`: the month's real hours. `invoice_total`: in the same currency, with VAT
    exactly when the prices have it.
    """

    month = models.CharField(_("month"), max_length=7, unique=True)
    hours = models.PositiveSmallIntegerField(_("hours"))
    currency = models.CharField(_("currency"), max_length=3)
    vat_included = models.BooleanField(_("VAT included"))
    bill = models.DecimalField(_("calculated"), max_digits=14, decimal_places=2)
    invoice_total = models.DecimalField(_("invoiced"), max_digits=14, decimal_places=2, null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"))
    closed_by = models.CharField(_("closed by"), max_length=150)

    objects: ClassVar[models.Manager["ClosedMonth"]] = Guarded()

    class Meta:
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        ordering = ("-month",)

    def __str__(self) -> str:
        return self.month

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row, or the invoice of one that exists. Raise CiviparoisseError `month_closed` for the rest."""
        if not self._state.adding:
            kwargs["update_fields"] = _refuse_change(self.month, kwargs.get("update_fields") or {"invoice_total"})
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raise CiviparoisseError `month_closed`."""
        raise CiviparoisseError("month_closed", month=self.month)

    @property
    def factor(self) -> Decimal | None:
        """Invoiced divided by calculated, 4 places; None without an invoice or a cost."""
        if self.invoice_total is None or not self.bill:
            return None
        return (self.invoice_total / self.bill).quantize(Decimal("0.0001"))


class ClosedLine(models.Model):
    """One line of a closed month. `tenant`: slug, empty for idle and overhead. `kind`, `component`, `quantity`,
    `unit`: as finops.prices.pricing.Line. `exact`: before rounding. `amount`: to the cent; they add up to the bill."""

    month = models.ForeignKey(ClosedMonth, on_delete=models.PROTECT, related_name="lines", verbose_name=_("month"))
    price_sheet = models.ForeignKey(PriceSheet, on_delete=models.PROTECT, verbose_name=_("price sheet"))
    tenant = models.CharField(_("parish"), max_length=40, blank=True)
    tenant_name = models.CharField(_("name of the parish"), max_length=128, blank=True)
    instance = models.CharField(_("instance"), max_length=63, blank=True)
    kind = models.CharField(_("kind"), max_length=12)
    component = models.CharField(_("component"), max_length=80, blank=True)
    storage_class = models.CharField(_("storage class"), max_length=63, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=24, decimal_places=6)
    unit = models.CharField(_("unit"), max_length=12)
    exact = models.DecimalField(_("exact amount"), max_digits=24, decimal_places=10)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    objects: ClassVar[models.Manager["ClosedLine"]] = Guarded()

    class Meta:
        verbose_name = _("line of a closed month")
        verbose_name_plural = _("lines of closed months")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.tenant} {self.kind} {self.component}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row. Raise CiviparoisseError `month_closed` for one that exists."""
        if not self._state.adding:
            raise CiviparoisseError("month_closed", month=self.month.month)
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raise CiviparoisseError `month_closed`."""
        raise CiviparoisseError("month_closed", month=self.month.month)


def _refuse_change(month: str, fields: Any) -> list[str]:
    if set(fields) != {"invoice_total"}:
        raise CiviparoisseError("month_closed", month=month)
    return ["invoice_total"]
