"""Contacts of parishes, what they ask for, who approved it, and the record of it. Facts only."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from parish_requests.choices import ActorKind, Cause, RequestScope, RequestState, Wish

# Digits and letters that nobody mistakes for one another, on paper or by telephone.
REFERENCE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def make_reference() -> str:
    """Return a new reference of a request, e.g. K7M2-QX4P; it opens nothing."""
    signs = "".join(secrets.choice(REFERENCE_SIGNS) for _place in range(8))
    return f"{signs[:4]}-{signs[4:]}"


class ParishContact(models.Model):
    """A person of a parish whom UEPAL knows. Removing the row ends all that the person may do at once.

    `mail`: in lower case. `confirmed_at`: when the address answered a mail of ours; None: it may not ask, and is told
    nothing. `confirmation_sha256`: of the secret in that mail, empty when none is under way.
    """

    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.CASCADE, related_name="contacts", verbose_name=_("parish")
    )
    name = models.CharField(_("name"), max_length=80)
    mail = models.EmailField(_("mail"), max_length=254)
    may_ask = models.BooleanField(_("may ask"), default=True)
    is_informed = models.BooleanField(_("is informed"), default=True)
    confirmed_at = models.DateTimeField(_("address confirmed"), null=True, blank=True)
    confirmation_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    confirmation_sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("recorded"), auto_now_add=True)
    created_by = models.CharField(_("recorded by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("contact of a parish")
        verbose_name_plural = _("contacts of parishes")
        ordering = ("tenant", "name", "id")
        constraints = [models.UniqueConstraint(fields=("tenant", "mail"), name="one_contact_per_address")]

    def __str__(self) -> str:
        return f"{self.name} <{self.mail}>"


class RestoreRequest(models.Model):
    """What a parish asks for, from the first question to the end. Its state changes in moves.py alone.

    `backup`: the moment to go back to. `part`: the file or folder of scope part, as "tree/path". `undoes`: the request
    whose restore is put back. `asked_by`: who asks, None once the contact was removed; name and address stay until
    they are erased by rule. `entered_by`: the account that entered it for the parish, and `channel` how it was asked
    ("by telephone, by …"); empty when the parish asked itself. `preview`: what it would change (preview.py), as it was
    at `previewed_at`. `approvals_needed`: by so many different persons. `not_before`: when it shall begin; None for at
    once. `safety_backup`: what an undo puts back. `external_reference`: of a helpdesk.
    """

    reference = models.CharField(_("reference"), max_length=9, unique=True, default=make_reference)
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.CASCADE, related_name="requests", verbose_name=_("parish")
    )
    instance = models.ForeignKey(
        "tenants.Instance", on_delete=models.CASCADE, related_name="requests", verbose_name=_("instance")
    )
    wish = models.CharField(_("asked for"), max_length=12, choices=Wish.choices)
    cause = models.CharField(_("what happened"), max_length=10, choices=Cause.choices, default=Cause.OTHER)
    scope = models.CharField(
        _("how much"), max_length=12, choices=RequestScope.choices, default=RequestScope.EVERYTHING
    )
    part = models.CharField(_("file or folder"), max_length=1000, blank=True)
    why = models.TextField(_("why"), max_length=4000, blank=True)
    backup = models.ForeignKey(
        "backups.Backup",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("moment"),
    )
    undoes = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="undone_by", verbose_name=_("undoes")
    )
    state = models.CharField(_("state"), max_length=10, choices=RequestState.choices, default=RequestState.DRAFT)
    asked_by = models.ForeignKey(
        ParishContact,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("contact"),
    )
    asked_name = models.CharField(_("asked by"), max_length=80, blank=True)
    asked_mail = models.EmailField(_("mail"), max_length=254, blank=True)
    entered_by = models.CharField(_("entered by"), max_length=150, blank=True)
    channel = models.CharField(_("how it was asked"), max_length=200, blank=True)
    preview = models.JSONField(default=dict, blank=True)
    previewed_at = models.DateTimeField(_("compared"), null=True, blank=True)
    approvals_needed = models.PositiveSmallIntegerField(_("approvals needed"), default=1)
    not_before = models.DateTimeField(_("begins"), null=True, blank=True)
    refusal = models.TextField(_("why it was refused"), max_length=2000, blank=True)
    operation = models.ForeignKey(
        "operations.Operation",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("operation"),
    )
    safety_backup = models.ForeignKey(
        "backups.Backup",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="undoing_requests",
        verbose_name=_("safety copy"),
    )
    sandbox = models.ForeignKey(
        "tenants.Instance",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="copy_requests",
        verbose_name=_("copy"),
    )
    sandbox_until = models.DateTimeField(_("the copy is kept until"), null=True, blank=True)
    recipient = models.CharField(_("public key"), max_length=80, blank=True)
    one_time_recipient = models.CharField(max_length=80, blank=True)
    downloads = models.ManyToManyField("offsite.Download", blank=True, related_name="requests")
    error_code = models.CharField(max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    external_reference = models.CharField(_("reference of the helpdesk"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    submitted_at = models.DateTimeField(_("sent"), null=True, blank=True)
    expires_at = models.DateTimeField(_("ends unanswered"), null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    is_satisfied = models.BooleanField(_("satisfied"), null=True, blank=True)
    satisfied_why = models.CharField(_("why"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("request of a parish")
        verbose_name_plural = _("requests of parishes")
        ordering = ("-id",)
        indexes = [models.Index(fields=("state", "not_before"), name="request_by_state")]
        permissions = (("approve_restorerequest", "Can approve request of a parish"),)

    def __str__(self) -> str:
        return self.reference


class RequestApproval(models.Model):
    """That one person approved a request as its preview was then. Taken away when the preview changes."""

    request = models.ForeignKey(RestoreRequest, on_delete=models.CASCADE, related_name="approvals")
    by = models.CharField(_("by"), max_length=150)
    at = models.DateTimeField(_("at"))
    preview_sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("request", "by"), name="one_approval_per_person")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.by}"


class RequestEvent(models.Model):
    """One line of the record of a request; rows are only added (record.py), and chained by domain.chains.

    `number`: 1 for the first. `origin`: the network address it came from, empty for the manager's own. `what`: a move,
    or a word of record.py: "shown" (`data`: what the person saw), "mailed", "fetch_begun", "erased".
    """

    request = models.ForeignKey(RestoreRequest, on_delete=models.CASCADE, related_name="events")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(_("at"))
    actor_kind = models.CharField(_("who"), max_length=8, choices=ActorKind.choices)
    actor = models.CharField(_("by"), max_length=254, blank=True)
    origin = models.CharField(_("from"), max_length=45, blank=True)
    what = models.CharField(_("what"), max_length=20)
    data = models.JSONField(default=dict, blank=True)
    previous_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("line of the record of a request")
        verbose_name_plural = _("record of requests")
        ordering = ("request", "number")
        constraints = [models.UniqueConstraint(fields=("request", "number"), name="one_line_per_number")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.number} {self.what}"


class ContactMail(models.Model):
    """One mail to a contact until a server took it, as watch.models.Message is to a recipient. No link in it acts.

    `request`: what it is about; None for a link to sign in or to confirm an address. `body` is emptied once it was
    sent or given up where `is_secret`. `useful_until`: after that it tells nothing any more, and is not tried."""

    request = models.ForeignKey(RestoreRequest, on_delete=models.CASCADE, null=True, blank=True, related_name="mails")
    message_id = models.CharField(_("identifier"), max_length=40, unique=True)
    address = models.EmailField(_("address"), max_length=254)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    is_secret = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("written"))
    due_at = models.DateTimeField(_("due"))
    useful_until = models.DateTimeField(_("useful until"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail to a contact")
        verbose_name_plural = _("mails to contacts")
        ordering = ("-id",)
        indexes = [models.Index(fields=("sent_at", "given_up_at", "due_at"), name="mail_by_due")]

    def __str__(self) -> str:
        return self.message_id


class RequestRules(models.Model):
    """What UEPAL sets for all requests: one row. Two different persons approve what crosses a limit.

    `second_from_lost_percent`: of contributions that would be lost. `second_from_days`: age of the set.
    `telephone`: told in each mail."""

    second_from_lost_percent = models.PositiveSmallIntegerField(_("second person from a loss of (%)"), default=5)
    second_from_days = models.PositiveSmallIntegerField(_("second person from an age of (days)"), default=14)
    telephone = models.CharField(_("telephone of UEPAL"), max_length=32, blank=True)
    shows_costs = models.BooleanField(_("parishes see their costs"), default=False)

    class Meta:
        verbose_name = _("rules of requests")
        verbose_name_plural = _("rules of requests")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
