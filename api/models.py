"""API tokens of the REST API, stored hashed: whose each is, what it may do, until when."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from operations.roles import ACCOUNTANT, ADMINISTRATOR, OPERATOR, READER, RESTORER


class TokenScope(models.TextChoices):
    """What a token may be used for, within its account's permissions: that of a shipped role each."""

    READ = "read", _("read, but for costs")
    OPERATE = "operate", _("operate: record and ask for what destroys nothing")
    RESTORE = "restore", _("operate and restore")
    COSTS = "costs", _("read and keep costs")
    ADMIN = "admin", _("everything that the account may")


ROLE_OF_SCOPE = {
    TokenScope.READ: READER,
    TokenScope.OPERATE: OPERATOR,
    TokenScope.RESTORE: RESTORER,
    TokenScope.COSTS: ACCOUNTANT,
    TokenScope.ADMIN: ADMINISTRATOR,
}
# Tokens with these alone change nothing.
READING = frozenset({TokenScope.READ.value, TokenScope.COSTS.value})


def make_read_scope() -> list[str]:
    """Return the scopes of a token for which none were chosen."""
    return [TokenScope.READ.value]


def make_token_id() -> str:
    """Return a new public identifier of a token, e.g. tk-3f9a1c07; it opens nothing."""
    return f"tk-{secrets.token_hex(4)}"


def is_looking(permission: str) -> bool:
    """Return whether "app.codename" is to look at rows."""
    return permission.partition(".")[2].startswith("view_")


class ApiToken(models.Model):
    """A token of a person; only its SHA-256 is kept (256 random bits need no slow hash).

    `scopes`: of TokenScope; none for those made before there were scopes, which read what their account may read, until
    they are renewed. `all_parishes`: False for one that may touch `parishes` alone, also when these are gone.
    `last_used_at`: to the minute. `made_by`, `revoked_by`: who asked for that. `expires_at`: None for those made before
    tokens had an end. A revoked token stays, so that old log lines keep their meaning.
    """

    public_id = models.CharField(_("identifier"), max_length=16, unique=True, default=make_token_id)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("account")
    )
    label = models.CharField(_("label"), max_length=64)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    scopes = models.JSONField(_("scopes"), default=make_read_scope)
    all_parishes = models.BooleanField(_("all parishes"), default=True)
    parishes = models.ManyToManyField("tenants.Tenant", blank=True, related_name="+", verbose_name=_("parishes"))
    made_by = models.CharField(_("made by"), max_length=150, blank=True)
    revoked_by = models.CharField(_("revoked by"), max_length=150, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.public_id} ({self.label})"

    def allows(self, permission: str) -> bool:
        """Return whether one of its scopes has "app.codename"; its account needs it too."""
        if not self.scopes:
            return is_looking(permission)
        return any(ROLE_OF_SCOPE[TokenScope(scope)].allows(permission) for scope in self.scopes)

    @property
    def scope_labels(self) -> str:
        """Its scopes, for people."""
        if not self.scopes:
            return str(_("read only, made before there were scopes"))
        return ", ".join(str(TokenScope(scope).label) for scope in self.scopes)

    @property
    def parish_names(self) -> list[str] | None:
        """The sub-domains of the parishes that it may touch; None for all."""
        return None if self.all_parishes else sorted(parish.slug for parish in self.parishes.all())
