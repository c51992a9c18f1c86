"""Where copies go, with which keys, and what became of each. Facts only."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from backups.models import Backup
from tenants.encryption import EncryptedJSONField, EncryptedTextField
from tenants.models import Tenant

OPAQUE_BYTES = 16


def make_opaque_name() -> str:
    """Return a name that says nothing."""
    return secrets.token_hex(OPAQUE_BYTES)


class ParishKey(models.Model):
    """An age key pair of one parish. The newest seals; all of them are kept, to open what was sealed before."""

    tenant = models.ForeignKey(
        Tenant, on_delete=models.SET_NULL, null=True, related_name="age_keys", verbose_name=_("parish")
    )
    recipient = models.CharField(_("public key"), max_length=80, unique=True)
    identity = EncryptedTextField(_("private key"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("key of a parish")
        verbose_name_plural = _("keys of parishes")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.recipient


class RecoveryKey(models.Model):
    """The public half of a recovery key. The private half is on paper and nowhere here; a key counts once somebody has
    opened something with that paper (`proven_at`)."""

    recipient = models.CharField(_("public key"), max_length=80, unique=True)
    created_by = models.CharField(_("made by"), max_length=150)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    proven_at = models.DateTimeField(_("proven"), null=True, blank=True)

    class Meta:
        verbose_name = _("recovery key")
        verbose_name_plural = _("recovery keys")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.recipient


class SigningKey(models.Model):
    """An Ed25519 key by which this manager countersigns manifests. The newest signs; all of them are kept."""

    public = models.CharField(_("public key"), max_length=64, unique=True)
    private = EncryptedTextField(_("private key"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.public


class Space(models.Model):
    """The name below which a parish's copies lie, at every destination: it says nothing of the parish."""

    tenant = models.OneToOneField(
        Tenant, on_delete=models.SET_NULL, null=True, related_name="space", verbose_name=_("parish")
    )
    name = models.CharField(_("prefix"), max_length=32, unique=True, default=make_opaque_name)

    class Meta:
        verbose_name = _("prefix of a parish")
        verbose_name_plural = _("prefixes of parishes")

    def __str__(self) -> str:
        return self.name


class DestinationKind(models.TextChoices):
    """What kind of place it is."""

    S3 = "s3", _("S3 and compatible")
    AZURE = "azure", _("Azure Blob Storage")
    GCS = "gcs", _("Google Cloud Storage")
    SFTP = "sftp", _("SFTP")
    WEBDAV = "webdav", _("WebDAV")
    DIRECTORY = "directory", _("directory of this machine")


class LockMode(models.TextChoices):
    """Whether objects are locked there until a date, and who may still remove them."""

    NONE = "none", _("none")
    GOVERNANCE = "governance", _("governance (an account with that right may remove)")
    COMPLIANCE = "compliance", _("compliance (nobody may remove)")


class Destination(models.Model):
    """A place away where copies of sets go. `settings`: by name, as its kind declares them (providers.py); among them
    secrets. `place`: a digest of where it is, so that two names of one bucket are not two places. `bandwidth_kib`: KiB
    a second, 0 for no limit. `lock_days`: how long each object stays locked."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=DestinationKind.choices)
    settings = EncryptedJSONField(_("settings"), blank=True)
    place = models.CharField(max_length=64, blank=True)
    enabled = models.BooleanField(_("in use"), default=True)
    bandwidth_kib = models.PositiveIntegerField(_("bandwidth (KiB/s)"), default=0)
    at_most = models.PositiveSmallIntegerField(_("copies at once, at most"), default=2)
    lock_mode = models.CharField(_("lock"), max_length=10, choices=LockMode.choices, default=LockMode.NONE)
    lock_days = models.PositiveSmallIntegerField(_("locked for (days)"), default=0)
    report = models.JSONField(default=list, blank=True)
    level = models.CharField(_("last check"), max_length=8, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("destination of copies")
        verbose_name_plural = _("destinations of copies")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CopyState(models.TextChoices):
    """Where a copy is. Only `checked` counts: what the destination tells of every object is what was sent."""

    WAITING = "waiting", _("waiting")
    COPYING = "copying", _("copying")
    THERE = "there", _("there, not checked yet")
    CHECKED = "checked", _("there and checked")
    MISSING = "missing", _("missing")
    DIFFERENT = "different", _("different")
    REMOVING = "removing", _("being removed")
    GONE = "gone", _("removed")
    HELD = "held_until", _("held by its lock")


# A copy that is there whole, as far as its destination tells: it protects, and can be fetched.
PROTECTING = (CopyState.CHECKED, CopyState.HELD)


class Download(models.Model):
    """That somebody downloaded a set, or those of its databases and trees that `parts` names. Rows are only added.

    `recipient`: the public key to which it was sealed. `source`: "volume", or the destination that it was read from.
    `error_code`: why it did not come whole; `ended_at` None: it has not ended, or the manager died."""

    backup = models.ForeignKey(Backup, on_delete=models.CASCADE, related_name="downloads", verbose_name=_("backup"))
    requested_by = models.CharField(_("by"), max_length=150)
    recipient = models.CharField(_("public key"), max_length=80)
    parts = models.JSONField(_("parts"), default=list, blank=True)
    source = models.CharField(_("from"), max_length=40, blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    sent_bytes = models.PositiveBigIntegerField(_("sent (bytes)"), default=0)
    error_code = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("download of a backup")
        verbose_name_plural = _("downloads of backups")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.backup_id} {self.requested_by}"


class BackupCopy(models.Model):
    """One set at one destination. `name`: where it lies there, below its parish's prefix; another one for each time it
    is copied anew. `run`: of the job under way. `claimed_until`: whoever works on it has until then.

    `recipients`: the public keys to which it is sealed. `left_names`: names under which parts of it lay before, which
    are to be removed. `held_until`: what removes it is refused until then by a lock. `hidden_objects`: so many earlier
    versions were left, since the account may not remove them.

    `contents_…`: of the sealed list of contents. `countersignature`: by this manager, over that list's sha256 and the
    manifest's. `checked_at`: last compared with what the destination tells; `opened_at`: last downloaded whole."""

    backup = models.ForeignKey(Backup, on_delete=models.CASCADE, related_name="copies", verbose_name=_("backup"))
    destination = models.ForeignKey(
        Destination, on_delete=models.PROTECT, related_name="copies", verbose_name=_("destination")
    )
    state = models.CharField(_("state"), max_length=10, choices=CopyState.choices, default=CopyState.WAITING)
    name = models.CharField(max_length=32, default=make_opaque_name)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    run = models.CharField(max_length=63, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    recipients = models.JSONField(default=list, blank=True)
    left_names = models.JSONField(default=list, blank=True)
    contents_name = models.CharField(max_length=200, blank=True)
    contents_bytes = models.PositiveBigIntegerField(null=True)
    contents_sha256 = models.CharField(max_length=64, blank=True)
    contents_md5 = models.CharField(max_length=32, blank=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    object_count = models.PositiveIntegerField(_("objects"), null=True)
    sealed_bytes = models.PositiveBigIntegerField(_("sealed size (bytes)"), null=True)
    countersignature = models.CharField(max_length=200, blank=True)
    signed_by = models.CharField(max_length=64, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    copied_at = models.DateTimeField(_("copied"), null=True, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened and verified"), null=True, blank=True)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    hidden_objects = models.PositiveIntegerField(_("earlier versions left"), default=0)

    class Meta:
        verbose_name = _("copy")
        verbose_name_plural = _("copies")
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=("backup", "destination"), name="one_copy_per_destination")]

    def __str__(self) -> str:
        return f"{self.backup_id} {self.destination_id}"
