"""Prices as people type them: sheets with dates, and their lines. What they mean is in finops/prices/pricing.py."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from domain.errors import CiviparoisseError


class PriceMode(models.TextChoices):
    """`rates`: prices of CPU and memory are given; `nodes`: those of whole nodes are, and split by weight."""

    RATES = "rates", _("prices of CPU and memory")
    NODES = "nodes", _("prices of nodes")


class ByteUnit(models.TextChoices):
    """What one unit of memory and storage is: they differ by 7.37 %."""

    GIB = "GiB", _("GiB (2^30 bytes)")
    GB = "GB", _("GB (10^9 bytes)")


class LineKind(models.TextChoices):
    """What a price is of."""

    CPU = "cpu", _("vCPU")
    MEMORY = "memory", _("memory")
    NODE = "node", _("nodes")
    STORAGE = "storage", _("volumes")
    BACKUP = "backup", _("stored backups")
    SHARED = "shared", _("shared cost")


class Period(models.TextChoices):
    """What a price is for."""

    HOUR = "hour", _("per hour")
    MONTH = "month", _("per month")


class Split(models.TextChoices):
    """How a shared cost is divided. `cost`: by what each parish costs by itself; `key`: by given weights."""

    EVEN = "even", _("evenly")
    COST = "cost", _("by own cost")
    KEY = "key", _("by a key")


class Among(models.TextChoices):
    """Who takes part in a shared cost: parishes whose data is kept, or only while their servers are."""

    PROVISIONED = "provisioned", _("parishes with an instance, suspended ones too")
    ACTIVE = "active", _("parishes whose instance runs")


class PriceSheet(models.Model):
    """The prices of one engine for a time, days of Europe/Paris. `engine`: empty for every engine without prices of
    its own. `valid_to`: the first day it no longer holds; None: until further notice.

    `month_hours`: what a price per month is divided by to be one per hour; None: by the month's real hours, so that a
    whole month costs exactly that. `cpu_weight`, `memory_weight`: how a node's price is split, one vCPU against one
    unit of memory (9:1 as AWS splits costs). `share_idle`: what nobody reserved is paid by those who reserved.
    """

    name = models.CharField(_("name"), max_length=80)
    engine = models.CharField(_("engine"), max_length=40, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until (excluded)"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    vat_included = models.BooleanField(_("VAT included"), default=False)
    vat_percent = models.DecimalField(_("VAT (%)"), max_digits=5, decimal_places=2, default=Decimal(20))
    mode = models.CharField(_("mode"), max_length=5, choices=PriceMode.choices, default=PriceMode.RATES)
    byte_unit = models.CharField(_("unit of bytes"), max_length=3, choices=ByteUnit.choices, default=ByteUnit.GIB)
    month_hours = models.DecimalField(_("hours of a month"), max_digits=6, decimal_places=2, null=True, blank=True)
    cpu_weight = models.DecimalField(_("weight of a vCPU"), max_digits=8, decimal_places=3, default=Decimal(9))
    memory_weight = models.DecimalField(
        _("weight of a unit of memory"), max_digits=8, decimal_places=3, default=Decimal(1)
    )
    share_idle = models.BooleanField(_("share what is idle"), default=False)

    class Meta:
        verbose_name = _("price sheet")
        verbose_name_plural = _("price sheets")
        ordering = ("engine", "-valid_from")
        constraints = [
            models.UniqueConstraint(fields=("engine", "valid_from"), name="one_price_sheet_per_day"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="price_sheet_lasts",
                violation_error_message=_("The end must be after the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(vat_percent__gte=0, cpu_weight__gt=0, memory_weight__gt=0)
                & (Q(month_hours__isnull=True) | Q(month_hours__gt=0)),
                name="price_sheet_counts",
                violation_error_message=_("Weights and hours must be positive."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.valid_from})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. Raise CiviparoisseError `price_sheets_overlap` when another sheet of the engine has one of its days."""
        with transaction.atomic():
            # Held until the end: two sheets saved at once see each other.
            list(PriceSheet.objects.select_for_update().filter(engine=self.engine))
            other = self._find_overlapping()
            if other is not None:
                raise CiviparoisseError("price_sheets_overlap", sheet=str(self), other=str(other))
            super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse, in a form, days that another sheet of the engine has."""
        super().clean()
        if self.valid_from is None:
            return  # not typed, or no date: the field says so
        other = self._find_overlapping()
        if other is not None:
            error = CiviparoisseError("price_sheets_overlap", sheet=str(self), other=str(other))
            raise ValidationError({"valid_from": str(error)}, code=error.code)

    def _find_overlapping(self) -> "PriceSheet | None":
        others = PriceSheet.objects.filter(engine=self.engine).exclude(pk=self.pk)
        others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=self.valid_from))
        if self.valid_to is not None:
            others = others.filter(valid_from__lt=self.valid_to)
        return others.first()


class PriceLine(models.Model):
    """One price. `name`: the storage class, the pool of nodes, or what the shared cost is; a volume whose class has no
    line of its own costs what the line without a name says. `quantity`: how many nodes or shared things.
    `cpu_millicores`, `memory_bytes`: of one node. `key`: slug -> weight, of the split by a key. `zero_confirmed`:
    this really costs nothing."""

    sheet = models.ForeignKey(PriceSheet, on_delete=models.CASCADE, related_name="lines", verbose_name=_("price sheet"))
    kind = models.CharField(_("kind"), max_length=8, choices=LineKind.choices)
    name = models.CharField(_("name"), max_length=63, blank=True)
    amount = models.DecimalField(_("price"), max_digits=18, decimal_places=9)
    period = models.CharField(_("period"), max_length=5, choices=Period.choices)
    quantity = models.DecimalField(_("quantity"), max_digits=10, decimal_places=3, default=Decimal(1))
    cpu_millicores = models.BigIntegerField(_("CPU of a node (m)"), default=0)
    memory_bytes = models.BigIntegerField(_("memory of a node (bytes)"), default=0)
    split = models.CharField(_("split"), max_length=4, choices=Split.choices, default=Split.EVEN)
    among = models.CharField(_("among"), max_length=12, choices=Among.choices, default=Among.PROVISIONED)
    key = models.JSONField(_("key"), default=dict, blank=True)
    zero_confirmed = models.BooleanField(_("costs nothing, confirmed"), default=False)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ("sheet", "kind", "name")
        constraints = [
            models.UniqueConstraint(fields=("sheet", "kind", "name"), name="one_price_per_thing"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, zero_confirmed=True),
                name="price_is_zero_only_when_confirmed",
                violation_error_message=_("A price of zero must be confirmed."),
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                & (~Q(kind=LineKind.NODE.value) | Q(cpu_millicores__gt=0, memory_bytes__gt=0)),
                name="price_of_something",
                violation_error_message=_("A node needs CPU and memory, and every quantity must be positive."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}".strip()

    def clean(self) -> None:
        """Refuse, in a form, a key that is none."""
        super().clean()
        if self.split == Split.KEY and not is_key(self.key):
            raise ValidationError({"key": _("Give each parish's sub-domain a weight of 0 or more, not all 0.")})


def is_key(key: object) -> bool:
    """Return whether `key` gives slugs weights that something can be split by."""
    if not isinstance(key, dict) or not key:
        return False
    weights = list(key.values())
    plain = all(isinstance(weight, int | float) and not isinstance(weight, bool) for weight in weights)
    return plain and all(0 <= weight < 1e12 for weight in weights) and sum(weights) > 0
