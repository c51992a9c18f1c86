"""API tokens of the REST API, stored hashed: whose each is, what it may do, until when."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TokenScope(models.TextChoices):
    """What a token may be used for, within its account's permissions."""

    READ = "read", _("read only")
    WRITE = "write", _("read and change")


def make_token_id() -> str:
    """Return a new public identifier of a token, e.g. tk-3f9a1c07; it opens nothing."""
    return f"tk-{secrets.token_hex(4)}"


class ApiToken(models.Model):
    """A token of a person; only its SHA-256 is kept (256 random bits need no slow hash).

    `last_used_at`: to the minute. `expires_at`: None for those made before tokens had an end. A revoked token stays, so
    that old log lines keep their meaning.
    """

    public_id = models.CharField(_("identifier"), max_length=16, unique=True, default=make_token_id)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("account")
    )
    label = models.CharField(_("label"), max_length=64)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    scope = models.CharField(_("scope"), max_length=8, choices=TokenScope.choices, default=TokenScope.READ)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.public_id} ({self.label})"
