"""Backup policies: how often, what, how long. One is the default of each kind of instance; an instance may have its
own."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from backups.choices import BackupFrequency, BackupMode, BackupScope
from backups.policy_rules import COUNTS, POLICY_RULES, validate_hours, validate_weekdays
from domain.errors import CiviparoisseError
from domain.schedules import BackupSchedule, Frequency
from domain.specs import InstanceKind
from programs.sets.retention import RetentionRule
from tenants.guarded_rows import GuardedQuerySet
from tenants.models import Instance

WHOLE = _("An instance in production is backed up whole: it is rebuilt from its sets.")


class BackupPolicy(models.Model):
    """How often an instance is backed up, what of it and how, how long sets are kept, and when their age is told.

    Counts of sets as in programs.sets.retention; 0: none. `codec` empty, ages None: the installation's. `proof_days`:
    a set is restored for proof at least that often; 0: never. `copies_wanted`: in so many different places elsewhere a
    set has to be, checked, to count as protected; 0: nowhere.
    """

    name = models.SlugField(_("name"), max_length=40, unique=True)
    label = models.CharField(_("for whom"), max_length=120)
    frequency = models.CharField(
        _("how often"), max_length=8, choices=BackupFrequency.choices, default=BackupFrequency.NIGHTLY
    )
    weekdays = models.JSONField(_("weekdays (1 is Monday)"), default=list, blank=True, validators=[validate_weekdays])
    month_day = models.PositiveSmallIntegerField(_("day of the month"), null=True, blank=True)
    hours = models.JSONField(_("hours of the night"), default=list, blank=True, validators=[validate_hours])
    scope = models.CharField(_("scope"), max_length=10, choices=BackupScope.choices, default=BackupScope.FULL)
    mode = models.CharField(_("mode"), max_length=5, choices=BackupMode.choices, default=BackupMode.HOT)
    codec = models.CharField(
        _("codec"), max_length=5, blank=True, default="", choices=[(name, name) for name in ("gzip", "zstd")]
    )
    keep_last = models.PositiveIntegerField(_("last sets kept"), default=0)
    keep_daily = models.PositiveIntegerField(_("days kept"), default=0)
    keep_weekly = models.PositiveIntegerField(_("weeks kept"), default=0)
    keep_monthly = models.PositiveIntegerField(_("months kept"), default=0)
    keep_yearly = models.PositiveIntegerField(_("years kept"), default=0)
    keep_within_days = models.PositiveIntegerField(_("everything kept of the last days"), default=0)
    safety_days = models.PositiveIntegerField(_("safety copies kept (days)"), default=14)
    final_days = models.PositiveIntegerField(_("final copies kept (days)"), default=400)
    warning_hours = models.PositiveIntegerField(_("warning from an age of (hours)"), null=True, blank=True)
    critical_hours = models.PositiveIntegerField(_("critical from an age of (hours)"), null=True, blank=True)
    proof_days = models.PositiveIntegerField(_("proven by restoring every (days)"), default=31)
    copies_wanted = models.PositiveSmallIntegerField(_("copies in different places"), default=1)

    objects = GuardedQuerySet.as_manager()

    class Meta:
        verbose_name = _("backup policy")
        verbose_name_plural = _("backup policies")
        ordering = ("name",)
        constraints = POLICY_RULES

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Judge all of it, whatever the door, then save. Raise ValidationError."""
        self.full_clean()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse what no single column tells. Raise ValidationError."""
        super().clean()
        if self.frequency == Frequency.MONTHLY and self.weekdays:
            raise ValidationError({"weekdays": _("A monthly policy has a day of the month, no weekdays.")})
        if self.frequency == Frequency.WEEKLY and isinstance(self.weekdays, list) and len(self.weekdays) > 1:
            raise ValidationError({"weekdays": _("A weekly policy has one weekday, or each instance's own.")})
        if self.scope != BackupScope.FULL and self.is_for_production():
            raise ValidationError({"scope": WHOLE})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete it. Raise CiviparoisseError `policy_in_use`."""
        users = list(self.instances.values_list("instance__identifier", flat=True)[:5])
        users += list(self.defaults.values_list("kind", flat=True))
        if users:
            raise CiviparoisseError("policy_in_use", policy=self.name, users=", ".join(users))
        return super().delete(*args, **kwargs)

    def is_for_production(self) -> bool:
        """Return whether an instance in production has it."""
        production = InstanceKind.PRODUCTION.value
        if self.pk is None:
            return False
        own = self.instances.filter(instance__kind=production)
        return own.exists() or self.defaults.filter(kind=production).exists()

    def make_schedule(self) -> BackupSchedule:
        """Return when its backups are taken."""
        return BackupSchedule(
            frequency=Frequency(self.frequency),
            weekdays=tuple(sorted(self.weekdays)),
            month_day=self.month_day,
            hours=tuple(self.hours),
        )

    def make_rule(self) -> RetentionRule:
        """Return what it keeps."""
        names = (*COUNTS, "safety_days", "final_days")
        return RetentionRule(**{name: getattr(self, name) for name in names})


class PolicyDefault(models.Model):
    """The policy of the instances of a kind that have none of their own."""

    kind = models.CharField(_("kind"), max_length=16, unique=True, choices=Instance._meta.get_field("kind").choices)
    policy = models.ForeignKey(
        BackupPolicy, on_delete=models.PROTECT, related_name="defaults", verbose_name=_("backup policy")
    )

    class Meta:
        verbose_name = _("default policy")
        verbose_name_plural = _("default policies")
        ordering = ("kind",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.policy}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Judge it, whatever the door, then save. Raise ValidationError."""
        self.full_clean()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse what backs up a part as the default of instances in production. Raise ValidationError."""
        super().clean()
        is_part = self.policy_id is not None and self.policy.scope != BackupScope.FULL
        if is_part and self.kind == InstanceKind.PRODUCTION.value:
            raise ValidationError({"policy": WHOLE})


class InstancePolicy(models.Model):
    """What was chosen for one instance, and what its engine was told.

    `policy` None: the default of its kind. `told`: a digest of the terms that the engine has, where it starts backups
    by itself; "" for not told.
    """

    instance = models.OneToOneField(
        "tenants.Instance", on_delete=models.CASCADE, related_name="backup_policy", verbose_name=_("instance")
    )
    policy = models.ForeignKey(
        BackupPolicy,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="instances",
        verbose_name=_("backup policy"),
    )
    told = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("policy of an instance")
        verbose_name_plural = _("policies of instances")
        ordering = ("instance",)

    def __str__(self) -> str:
        return f"{self.instance_id}: {self.policy}"
