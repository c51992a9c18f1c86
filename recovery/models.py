"""The manager's archives and where they went; lost instances and how far each is. Facts only."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from backups.models import Backup
from offsite.models import Destination
from tenants.models import Instance

IDENTITY_BYTES = 8


def make_manager_id() -> str:
    """Return a name for a manager that says nothing of it."""
    return secrets.token_hex(IDENTITY_BYTES)


class ManagerIdentity(models.Model):
    """Which manager this is, among those whose archives lie in one place. One row."""

    name = models.CharField(max_length=16, unique=True, default=make_manager_id)

    class Meta:
        verbose_name = _("identity of the manager")
        verbose_name_plural = _("identity of the manager")

    def __str__(self) -> str:
        return self.name


class ArchiveReason(models.TextChoices):
    """Why an archive was made."""

    REQUESTED = "requested", _("requested")
    SCHEDULED = "scheduled", _("something had changed")
    MIGRATION = "migration", _("before a migration")
    KEYS = "keys", _("keys had changed")


class ManagerArchive(models.Model):
    """One archive of the manager. `mark`: what it holds, as one sum; an unchanged one is not archived again.
    `checked_at`: the sealed file was opened and read to its end."""

    name = models.CharField(_("name"), max_length=48, unique=True)
    reason = models.CharField(_("reason"), max_length=10, choices=ArchiveReason.choices)
    made_at = models.DateTimeField(_("made"))
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    sealed_bytes = models.PositiveBigIntegerField(_("sealed size (bytes)"))
    sha256 = models.CharField(max_length=64)
    mark = models.CharField(max_length=64)
    recipients = models.JSONField(_("recovery keys"), default=list)

    class Meta:
        verbose_name = _("archive of the manager")
        verbose_name_plural = _("archives of the manager")
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.name


class ManagerCopy(models.Model):
    """One archive at one destination. `checked_at`: the destination told that it has what was sent; `gone_at`: it was
    removed by retention; `next_attempt_at`: the end of the lock that held it when it should have gone."""

    archive = models.ForeignKey(
        ManagerArchive, on_delete=models.CASCADE, related_name="copies", verbose_name=_("archive")
    )
    destination = models.ForeignKey(
        Destination, on_delete=models.CASCADE, related_name="manager_copies", verbose_name=_("destination")
    )
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    gone_at = models.DateTimeField(_("removed"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("copy of an archive of the manager")
        verbose_name_plural = _("copies of archives of the manager")
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=("archive", "destination"), name="one_archive_per_destination")]

    def __str__(self) -> str:
        return f"{self.archive_id} {self.destination_id}"


class RecoveryState(models.TextChoices):
    """How far an instance is."""

    WAITING = "waiting", _("waiting")
    PROVISIONING = "provision", _("being made")
    RESTORING = "restore", _("being restored")
    BACK = "back", _("back")
    FAILED = "failed", _("failed")


class RecoveredInstance(models.Model):
    """One instance that was lost and is made again. `wave`: the lower, the earlier; `backup`: the set that comes back,
    None when there is none; `operation`: the one under way or the last."""

    instance = models.ForeignKey(
        Instance, on_delete=models.CASCADE, related_name="recoveries", verbose_name=_("instance")
    )
    wave = models.PositiveSmallIntegerField(_("wave"))
    state = models.CharField(_("state"), max_length=10, choices=RecoveryState.choices, default=RecoveryState.WAITING)
    backup = models.ForeignKey(Backup, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("backup"))
    operation = models.CharField(max_length=40, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("instance of a recovery")
        verbose_name_plural = _("instances of a recovery")
        ordering = ("wave", "pk")

    def __str__(self) -> str:
        return f"{self.instance_id} {self.state}"
