"""Dated, checked archives of instances. The set on the backup volume is the truth; the row is what we know of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backups.choices import BackupMode, BackupReason, BackupScope, BackupState
from backups.policy_models import BackupPolicy, InstancePolicy, PolicyDefault

__all__ = [
    "Backup",
    "BackupMode",
    "BackupPolicy",
    "BackupReason",
    "BackupScope",
    "BackupState",
    "InstancePolicy",
    "PolicyDefault",
]


class Backup(models.Model):
    """One backup set. Sizes in bytes, duration in seconds. `verified_at`: last full read-back of the set.
    `proven_at`: last time that it was restored whole and found consistent; None again once that failed.
    Pinned: nobody removes it, until `pinned_until` where that is given. `figures`: what people know of what it holds,
    as programs/figures.py counts; empty where the set was made before there were any."""

    backup_id = models.CharField(_("identifier"), max_length=32, unique=True)
    instance = models.ForeignKey(
        "tenants.Instance", on_delete=models.PROTECT, related_name="backups", verbose_name=_("instance")
    )
    operation = models.ForeignKey(
        "operations.Operation",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="backups",
        verbose_name=_("operation"),
    )
    scope = models.CharField(_("scope"), max_length=10, choices=BackupScope.choices, default=BackupScope.FULL)
    mode = models.CharField(_("mode"), max_length=5, choices=BackupMode.choices, default=BackupMode.HOT)
    codec = models.CharField(_("codec"), max_length=5, default="gzip")
    reason = models.CharField(_("reason"), max_length=10, choices=BackupReason.choices, default=BackupReason.REQUESTED)
    state = models.CharField(_("state"), max_length=8, choices=BackupState.choices, default=BackupState.RUNNING)
    stored_bytes = models.PositiveBigIntegerField(_("stored size (bytes)"), null=True)
    plain_bytes = models.PositiveBigIntegerField(_("plain size (bytes)"), null=True)
    rows = models.PositiveBigIntegerField(_("rows"), null=True)
    tables = models.PositiveIntegerField(_("tables"), null=True)
    members = models.PositiveIntegerField(_("files"), null=True)
    figures = models.JSONField(default=dict, blank=True, editable=False)
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    duration_seconds = models.FloatField(_("duration (s)"), null=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    # Of the volume, once the set was made; None where the program did not tell.
    volume_bytes = models.PositiveBigIntegerField(_("size of the volume (bytes)"), null=True, blank=True)
    free_bytes = models.PositiveBigIntegerField(_("free on the volume (bytes)"), null=True, blank=True)
    pinned_at = models.DateTimeField(_("pinned"), null=True, blank=True)
    pinned_until = models.DateTimeField(_("pinned until"), null=True, blank=True)
    pinned_by = models.CharField(_("pinned by"), max_length=150, blank=True)
    pin_reason = models.CharField(_("why it is pinned"), max_length=200, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    proven_at = models.DateTimeField(_("proven"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        ordering = ("-id",)
        permissions = (("restore_backup", "Can restore backup"),)

    def __str__(self) -> str:
        return self.backup_id


class ChecklistNote(models.Model):
    """What people note of the production checklist: that something was done on a day, and by whom. Rows are only added;
    the newest of each `code` (checklist_notes.NOTED) answers its question."""

    code = models.CharField(_("what"), max_length=40)
    day = models.DateField(_("day"))
    names = models.CharField(_("who"), max_length=400)
    noted_by = models.CharField(_("noted by"), max_length=150)
    noted_at = models.DateTimeField(_("noted"), auto_now_add=True)

    class Meta:
        verbose_name = _("note of the checklist")
        verbose_name_plural = _("notes of the checklist")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.code} {self.day}"


class PinEvent(models.Model):
    """That somebody pinned a set or let it go: who, when, why and until when (None: for ever). Rows are only added."""

    backup = models.ForeignKey(Backup, on_delete=models.CASCADE, related_name="pin_events", verbose_name=_("backup"))
    is_pin = models.BooleanField(_("pinned"))
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=150)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.backup_id} {self.by}"


class ProofOutcome(models.TextChoices):
    """What a proof by restoring found."""

    PROVEN = "proven", _("proven")
    FAILED = "failed", _("failed")
    UNDECIDED = "undecided", _("not decided")


class ProofReport(models.Model):
    """What one proof of one set found, written before its copy is removed.

    `outcome`: undecided where the proof ended for a reason that says nothing of the set (no room, a cancel). `figures`:
    rows, tables, files, foreign_keys, accounts; `seconds` by step, `restore_seconds` of a real restore; JSON.
    `source`: where the set came from, "volume" or the name of a place away.
    `problems`: what was wrong, as {code, params} of errors.
    """

    backup = models.ForeignKey(Backup, on_delete=models.CASCADE, related_name="proofs", verbose_name=_("backup"))
    operation = models.OneToOneField(
        "operations.Operation", on_delete=models.SET_NULL, null=True, related_name="proof", verbose_name=_("operation")
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=ProofOutcome.choices)
    source = models.CharField(_("from"), max_length=40, default="volume")
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    problems = models.JSONField(_("problems"), default=list, blank=True)
    ended_at = models.DateTimeField(_("ended"))

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.backup_id} {self.outcome}"
