"""Who is on the way in, and who is in. Secrets are kept as digests. Facts only."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SignIn(models.Model):
    """One link (and its code of six digits) sent to an address; it opens once, for 15 minutes.

    `browser_sha256`: of the secret of the browser that asked. `wrong_codes`: after five it opens nothing any more.
    There is one for an unknown address too, whose secrets nobody knows, so that both take the same way. `handled_at`:
    when a worker saw whether there is somebody to send it to; None: not yet.
    """

    mail = models.EmailField(_("mail"), max_length=254)
    link_sha256 = models.CharField(max_length=64, unique=True)
    code_sha256 = models.CharField(max_length=64, blank=True)
    browser_sha256 = models.CharField(max_length=64, db_index=True)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("ends"), db_index=True)
    handled_at = models.DateTimeField(null=True, blank=True, db_index=True)
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    class Meta:
        verbose_name = _("sign-in of a contact")
        verbose_name_plural = _("sign-ins of contacts")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.pk}"


class DoorSession(models.Model):
    """Somebody who is in: 30 minutes from the last page, of one parish. It goes with its contact."""

    sha256 = models.CharField(max_length=64, unique=True)
    contact = models.ForeignKey(
        "parish_requests.ParishContact", on_delete=models.CASCADE, related_name="sessions", verbose_name=_("contact")
    )
    started_at = models.DateTimeField(_("began"))
    expires_at = models.DateTimeField(_("ends"), db_index=True)

    class Meta:
        verbose_name = _("session of a contact")
        verbose_name_plural = _("sessions of contacts")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.pk}"


class Attempt(models.Model):
    """How often something was tried in one hour, by one address or one network. `key`: a digest, with what is limited.
    `hour`: its beginning."""

    key = models.CharField(max_length=64)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("attempts at the door")
        verbose_name_plural = _("attempts at the door")
        constraints = [models.UniqueConstraint(fields=("key", "hour"), name="one_row_per_key_and_hour")]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"
