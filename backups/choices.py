"""What a backup holds, how it is taken and why: the words of its columns, for backups and for policies."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from domain import states
from domain.schedules import Frequency


class BackupScope(models.TextChoices):
    """What a backup holds."""

    FULL = "full", _("full")
    DATABASE = "database", _("database only")
    FILES = "files", _("files only")


class BackupMode(models.TextChoices):
    """`cold`: web and cron are stopped meanwhile."""

    HOT = "hot", _("hot")
    COLD = "cold", _("cold")


class BackupState(models.TextChoices):
    """The words of domain.states.BackupState."""

    RUNNING = states.BackupState.RUNNING.value, _("running")
    GOOD = states.BackupState.GOOD.value, _("good")
    FAILED = states.BackupState.FAILED.value, _("failed")
    DELETED = states.BackupState.DELETED.value, _("deleted")


class BackupReason(models.TextChoices):
    """Why it was taken."""

    REQUESTED = "requested", _("requested")
    SCHEDULED = "scheduled", _("scheduled, every night")
    SAFETY = "safety", _("safety copy before a restore or an upgrade")
    FINAL = "final", _("final, before deletion")


class BackupFrequency(models.TextChoices):
    """The words of domain.schedules.Frequency."""

    NIGHTLY = Frequency.NIGHTLY.value, _("every night")
    WEEKLY = Frequency.WEEKLY.value, _("every week")
    MONTHLY = Frequency.MONTHLY.value, _("every month")
