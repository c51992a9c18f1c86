"""What was asked and how far it is. The rows are the truth; messages and workers are disposable."""

import secrets

from django.db import models
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from domain.states import OperationState, StepPhase, StepState
from domain.words import OPERATION_STATES, STEP_STATES, word


def make_operation_id() -> str:
    """Return a new public identifier, e.g. op-3f9a1c07be."""
    return f"op-{secrets.token_hex(5)}"


class Operation(models.Model):
    """One requested change of one instance.

    `lock`: what it holds against others while it has not ended (operations.subjects), most often the instance's
    identifier; then None. Unique, so that the database itself refuses a second one. `lease_owner`/`lease_until`: which
    run of the runner holds it, until when. `data`: what steps pass on (backup id, state before); JSON, no secrets.
    `subject`: the instance's identifier, kept when the instance's row is gone; or the name of what never had a row.
    """

    public_id = models.CharField(_("identifier"), max_length=20, unique=True, default=make_operation_id)
    kind = models.CharField(_("kind"), max_length=40)
    instance = models.ForeignKey(
        "tenants.Instance",
        on_delete=models.SET_NULL,
        null=True,
        related_name="operations",
        verbose_name=_("instance"),
    )
    subject = models.CharField(_("instance"), max_length=253, db_index=True)
    requested_by = models.CharField(_("requested by"), max_length=150)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    state = models.CharField(
        _("state"),
        max_length=16,
        default=OperationState.QUEUED.value,
        db_index=True,
        choices=[(code, lazystr(text)) for code, text in OPERATION_STATES.items()],
    )
    cancel_requested = models.BooleanField(_("cancel requested"), default=False)
    lock = models.CharField(max_length=300, null=True, unique=True, editable=False)  # noqa: DJ001 - NULLs never clash
    idempotency_key = models.CharField(max_length=200, null=True, unique=True, editable=False)  # noqa: DJ001 - as above
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField(_("next run"), null=True, blank=True, db_index=True)
    progress = models.PositiveSmallIntegerField(_("progress (%)"), default=0)
    message = models.CharField(_("message"), max_length=255, blank=True)
    data = models.JSONField(default=dict, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)
    error_code = models.CharField(_("error code"), max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("requested"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        ordering = ("-id",)
        indexes = [models.Index(fields=("state", "next_run_at"), name="due_operations")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.kind} {self.subject}"

    def get_kind_display(self) -> str:
        """Return what it does, for people: the label of its kind."""
        return word("kind", self.kind)


class OperationStep(models.Model):
    """One step of an operation, created up front. `name` finds the function and the label in its kind.

    `attempt`: how often it was begun after a retry. `data`: what this step remembers between its runs (job name,
    deadline). `progress`: 0-100 inside the step.
    """

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("step"), max_length=64)
    phase = models.CharField(max_length=10, default=StepPhase.MAIN.value)
    state = models.CharField(
        _("state"),
        max_length=10,
        default=StepState.PENDING.value,
        choices=[(code, lazystr(text)) for code, text in STEP_STATES.items()],
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    progress = models.PositiveSmallIntegerField(_("progress (%)"), default=0)
    message = models.CharField(_("message"), max_length=255, blank=True)
    data = models.JSONField(default=dict, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)
    error_code = models.CharField(_("error code"), max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("operation", "position")
        constraints = [models.UniqueConstraint(fields=("operation", "position"), name="one_step_per_position")]

    def __str__(self) -> str:
        return f"{self.operation_id}/{self.position} {self.name}"


class OperationEvent(models.Model):
    """A line of an operation's log, in English, for operators. `level`: info, warning or error."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("at"), auto_now_add=True)
    level = models.CharField(_("level"), max_length=8, default="info")
    step = models.CharField(_("step"), max_length=64, blank=True)
    message = models.TextField(_("message"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.message


class Pulse(models.Model):
    """When a part of the manager last showed that it works: the clock, the sweep that a worker heard, each worker."""

    name = models.CharField(max_length=100, unique=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.seen_at}"


class InstanceRoom(models.Model):
    """How full an instance's volumes were when last looked at, and whether its database took a row then (domain.room).

    `percents`, `free_bytes`: by volume; `write_error`: "" where a row was taken, None where that was not tried."""

    instance = models.OneToOneField(
        "tenants.Instance", on_delete=models.CASCADE, related_name="room", verbose_name=_("instance")
    )
    looked_at = models.DateTimeField(_("looked at"))
    percents = models.JSONField(_("used (%)"), default=dict)
    free_bytes = models.JSONField(_("free (bytes)"), default=dict)
    write_error = models.CharField(_("why no row was taken"), max_length=255, null=True, default=None)  # noqa: DJ001
    # The larger of `percents`, to select by.
    most_percent = models.PositiveSmallIntegerField(_("fullest volume (%)"), default=0)

    class Meta:
        verbose_name = _("room in an instance")
        verbose_name_plural = _("room in instances")

    def __str__(self) -> str:
        return f"{self.instance_id} {self.most_percent}"
