"""Who is told of problems, and every message to them until it has arrived. Facts only."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from domain.findings import Level
from tenants.encryption import EncryptedTextField


class RecipientKind(models.TextChoices):
    """How somebody is told."""

    MAIL = "mail", _("mail")
    WEBHOOK = "webhook", _("webhook")


class MessageKind(models.TextChoices):
    """What a message tells."""

    PROBLEMS = "problems", _("problems")
    DIGEST = "digest", _("daily digest")
    TEST = "test", _("test")
    # A parish asks for something.
    REQUEST = "request", _("request of a parish")
    CAMPAIGN = "campaign", _("report of a campaign")


def make_message_id() -> str:
    """Return a new identifier of a message; it stays the same over every try."""
    return f"msg-{secrets.token_hex(8)}"


class Recipient(models.Model):
    """Somebody, or some program, that is told. `address`: a mail address or an https address.

    `secret`: signs webhooks; `former_secret` too, until `former_until`. `checks`, `tenants`: only of these; empty for
    all. `quiet_from`, `quiet_until`: local times between which only critical problems are sent.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=RecipientKind.choices, default=RecipientKind.MAIL)
    address = models.CharField(_("address"), max_length=300)
    secret = EncryptedTextField(_("signing secret"), blank=True)
    former_secret = EncryptedTextField(blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    least_level = models.CharField(
        _("from which level"),
        max_length=10,
        choices=[(Level.WARNING.value, _("warnings and what is critical")), (Level.CRITICAL.value, _("critical only"))],
        default=Level.WARNING.value,
    )
    checks = models.JSONField(_("only these checks"), default=list, blank=True)
    tenants = models.JSONField(_("only these parishes"), default=list, blank=True)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    has_digest = models.BooleanField(_("daily digest"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One message to one recipient. They leave in the order of their rows; the next waits for the one before.

    `document`: what it tells (watch/notices/writing.py). `due_at`: not before; `tries`, `last_error`: of attempts that
    failed; `sent_at`: the receiving server took it; `given_up_at`: it is not tried any more.
    """

    message_id = models.CharField(_("identifier"), max_length=30, unique=True, default=make_message_id)
    recipient = models.ForeignKey(
        Recipient, on_delete=models.CASCADE, related_name="messages", verbose_name=_("recipient")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=MessageKind.choices)
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"))
    document = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("written"))
    due_at = models.DateTimeField(_("due"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.message_id
