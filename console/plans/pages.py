"""Plans and releases: what instances are made with."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import (
    ModelAdmin,
    TabularInline,
    display,
    show_refusal,
)
from civiparoisse.presentation import GOOD, format_size
from console.instances.columns import make_badge
from console.plans.forms import APACHE, PlanContainerForm, PlanContainerFormSet, PlanForm, ReleaseForm
from domain.errors import CiviparoisseError
from domain.specs import CONTAINERS
from tenants.models import Plan, PlanContainer, Release
from tenants.plan_rules import VOLUMES


class UsedByInstancesAdmin(ModelAdmin):
    """A row that instances use: it is deleted one at a time, and a refusal says why."""

    actions = None
    used_as = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return rows with the number of instances that use each."""
        rows: QuerySet[Any] = super().get_queryset(request).annotate(use=Count("instance"))
        return rows

    @display(description=gettext_lazy("default"), ordering="is_default")
    def show_default(self, row: Any) -> SafeString | str:
        """Return a badge for the default one."""
        return make_badge(_("default"), GOOD) if row.is_default else ""

    @display(description=gettext_lazy("instances"), ordering="use")
    def show_use(self, row: Any) -> int:
        """Return how many instances use it."""
        return int(row.use)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, then delete; or say why it stays."""
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id])
        row = self.get_object(request, object_id)
        if row is not None and row.is_default:
            show_refusal(request, CiviparoisseError("default_needed", name=str(row)))
            return redirect(page)
        try:
            return super().delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]
        except CiviparoisseError as error:
            # It became the default, or was taken into use, since it was asked.
            show_refusal(request, error)
            return redirect(page)


class PlanContainerInline(TabularInline):
    """All containers of a plan, always."""

    model = PlanContainer
    form = PlanContainerForm
    formset = PlanContainerFormSet
    can_delete = False
    hide_title = True
    max_num = len(CONTAINERS)

    def get_extra(self, request: HttpRequest, obj: Plan | None = None, **kwargs: Any) -> int:  # noqa: ARG002 - Django's
        """Return how many containers are still missing."""
        return len(CONTAINERS) - (obj.containers.count() if obj is not None else 0)


@admin.register(Plan)
class PlanAdmin(UsedByInstancesAdmin):
    """Sizes of an instance."""

    form = PlanForm
    inlines = (PlanContainerInline,)
    list_display = ("name", "show_default", "show_volumes", "max_request_workers", "show_use")
    fieldsets = (
        (None, {"fields": ("name", "is_default")}),
        (
            gettext_lazy("Volumes"),
            {
                "fields": VOLUMES,
                "description": gettext_lazy("Give sizes with their unit: 512 Mi, 1 Gi, 1,5 Gi."),
            },
        ),
        (
            gettext_lazy("Apache (prefork)"),
            {
                "fields": APACHE,
                "classes": ("collapse",),
            },
        ),
    )

    @display(description=gettext_lazy("volumes"))
    def show_volumes(self, plan: Plan) -> str:
        """Return the four sizes in one line."""
        return _("%(db)s database, %(files)s files, %(private)s private files, %(backups)s backups") % {
            "db": format_size(plan.db_volume_bytes),
            "files": format_size(plan.files_volume_bytes),
            "private": format_size(plan.private_volume_bytes),
            "backups": format_size(plan.backups_volume_bytes),
        }


@admin.register(Release)
class ReleaseAdmin(UsedByInstancesAdmin):
    """Images that were tested together."""

    form = ReleaseForm
    list_display = ("name", "show_default", "show_versions", "show_use")
    fieldsets = ((None, {"fields": ("name", "is_default", "versions", "images")}),)

    @display(description=gettext_lazy("versions"))
    def show_versions(self, release: Release) -> str:
        """Return the versions in one line."""
        return ", ".join(f"{product} {version}" for product, version in release.versions.items())
