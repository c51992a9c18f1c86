"""Backup policies in the administration: rows that are changed, and which kind of instance has which by default."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from backups.models import BackupPolicy, PolicyDefault
from backups.policy_rules import COUNTS
from civiparoisse.admin_base import ModelAdmin, display, show_refusal
from console.policies.forms import PolicyForm
from domain.errors import CiviparoisseError


@admin.register(BackupPolicy)
class BackupPolicyAdmin(ModelAdmin):
    """How often, what, how long."""

    actions = None
    form = PolicyForm
    list_display = ("name", "label", "frequency", "show_kept", "show_users")
    fieldsets = (
        (None, {"fields": ("name", "label")}),
        (gettext_lazy("When"), {"fields": ("frequency", "weekdays", "month_day", "hours")}),
        (gettext_lazy("How"), {"fields": ("scope", "mode", "codec")}),
        (
            gettext_lazy("What is kept"),
            {
                "fields": (*COUNTS, "safety_days", "final_days"),
                "description": gettext_lazy(
                    "Of the last N days, weeks, months and years that have a good set, the newest set of each stays. "
                    "The newest good set, the newest proven one and pinned ones always stay."
                ),
            },
        ),
        (gettext_lazy("What is told"), {"fields": ("warning_hours", "critical_hours", "proof_days", "copies_wanted")}),
    )

    @display(description=gettext_lazy("kept"))
    def show_kept(self, policy: BackupPolicy) -> str:
        """Return what it keeps, in one line."""
        labels = {field.name: field.verbose_name for field in policy._meta.concrete_fields}
        kept = ((labels[name], getattr(policy, name)) for name in COUNTS)
        return ", ".join(f"{label}: {count}" for label, count in kept if count)

    @display(description=gettext_lazy("used by"))
    def show_users(self, policy: BackupPolicy) -> str:
        """Return the kinds that have it by default, and how many instances chose it."""
        kinds = [row.get_kind_display() for row in policy.defaults.all()]
        return ", ".join([*kinds, *(row.instance.identifier for row in policy.instances.all()[:5])])

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's
        """Return the name of one that exists: it stays."""
        return ("name",) if obj is not None else ()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, then delete; or say why it stays."""
        try:
            return super().delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]
        except CiviparoisseError as error:
            show_refusal(request, error)
            return redirect(reverse("admin:backups_backuppolicy_change", args=[object_id]))


@admin.register(PolicyDefault)
class PolicyDefaultAdmin(ModelAdmin):
    """One policy for each kind of instance."""

    actions = None
    list_display = ("kind", "policy")
    fields = ("kind", "policy")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's
        """Return False: each kind has one."""
        return False
