"""Parishes for people, and the door to the other pages of this app."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.ages import make_last_good
from backups.policies import find_thresholds
from civiparoisse.admin_base import ModelAdmin, UnfoldAdminPasswordWidget, UnfoldBooleanWidget, display, show_refusal
from civiparoisse.presentation import NOTHING
from clusters.settings import select_place
from console.contacts.states import list_contacts
from console.instances.columns import STATE_COLOURS, make_age_badge, make_badge
from console.instances.pages import InstanceAdmin
from console.parishes.forms import TenantForm
from console.plans.pages import PlanAdmin, ReleaseAdmin
from console.requests.decisions import ENTER
from domain.errors import CiviparoisseError
from domain.parameters import SECRET_FIELDS
from domain.specs import InstanceKind
from domain.states import InstanceState
from operations.permissions import may
from tenants.deletion import refuse_tenant_in_use
from tenants.models import Instance, Tenant
from tenants.registry import create_instance, delete_tenant

__all__ = ["InstanceAdmin", "PlanAdmin", "ReleaseAdmin", "TenantAdmin"]


REACHES_NO_SITE = gettext_lazy(
    "What is changed here is recorded for the next installation. A site that is installed keeps its names, addresses,"
    " administrator and mail servers: change them in the site’s own administration too."
)


def _is_installed(tenant: Tenant) -> bool:
    return tenant.instances.exclude(state__in=[InstanceState.NEW.value, InstanceState.DELETED.value]).exists()


def _list_links(request: HttpRequest, tenant: Tenant) -> list[tuple[str, str]]:
    """Return (text, address) of what belongs to the parish and the person may see."""
    links = []
    if request.user.has_perm("tenants.view_instance"):
        rows = tenant.instances.order_by("identifier").values_list("identifier", "pk")
        links += [
            (_("Instance %(name)s") % {"name": name}, reverse("admin:tenants_instance_change", args=[pk]))
            for name, pk in rows
        ]
    if request.user.has_perm("backups.view_backup"):
        address = f"{reverse('admin:backups_backup_changelist')}?instance__tenant__id__exact={tenant.pk}"
        links.append((_("Backups"), address))
    if request.user.has_perm("parish_requests.view_restorerequest"):
        address = reverse("admin:parish_requests_restorerequest_changelist")
        links.append((_("Requests"), f"{address}?tenant__id__exact={tenant.pk}&standing=all"))
    if may(request.user, ENTER):
        address = reverse("admin:parish_requests_restorerequest_add")
        links.append((_("Enter a request…"), f"{address}?tenant={tenant.pk}"))
    if request.user.has_perm("finops.view_interval"):
        links.append((_("Costs"), reverse("finops_parish", args=[tenant.slug])))
    return links


class TenantAdminForm(TenantForm):
    """The parish's form in unfold's dress, with the choice to record its instance at once."""

    create_production = forms.BooleanField(
        label=gettext_lazy("Record its production instance too"),
        help_text=gettext_lazy("It is installed when you then ask to provision it."),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("smtp_password", "imap_password"):
            if name in self.fields:
                self.fields[name].widget = UnfoldAdminPasswordWidget(
                    render_value=False, attrs={"autocomplete": "new-password"}
                )

    def clean(self) -> dict[str, Any]:
        """Return the parish's values, and whether the instance is wanted."""
        wanted = bool(self.cleaned_data.get("create_production"))
        super().clean()
        return {**self.cleaned_data, "create_production": wanted}


@admin.register(Tenant)
class TenantAdmin(ModelAdmin):
    """Parishes, each with its production instance."""

    actions = None
    change_form_outer_before_template = "tenants/above.html"
    form = TenantAdminForm
    list_display = ("show_name", "slug", "city", "show_instance", "show_backup")
    ordering = ("name_key", "slug")
    search_fields = ("name", "slug", "city", "postcode")
    list_per_page = 50
    _parish = (gettext_lazy("The parish"), {"fields": ("name", "slug")})
    _others = (
        (
            gettext_lazy("Address"),
            {"fields": ("street_number", "street", "postcode", "city", "phone")},
        ),
        (
            gettext_lazy("Addresses of the site"),
            {"fields": ("drupal_site_mail", "civicrm_domain_mail", "civicrm_domain")},
        ),
        (
            gettext_lazy("Administrator of the parish"),
            {"fields": ("admin_name", "admin_mail", "admin_description")},
        ),
        (
            gettext_lazy("Outgoing mail (SMTP)"),
            {"fields": ("smtp_host", "smtp_port", "smtp_user", "smtp_password")},
        ),
        (
            gettext_lazy("Returned mail (IMAP)"),
            {
                "fields": (
                    "imap_host",
                    "imap_port",
                    "imap_user",
                    "imap_password",
                    "imap_use_ssl",
                    "imap_folder",
                    "return_path",
                    "verp_localpart",
                )
            },
        ),
    )
    fieldsets = (_parish, *_others)
    add_fieldsets = (
        (_parish[0], {"fields": ("name", "slug", "create_production")}),
        *_others,
    )

    @display(description=gettext_lazy("name of the parish"), ordering="name_key")
    def show_name(self, tenant: Tenant) -> str:
        """Return the name, sorted as people look for it."""
        return tenant.name

    @display(description=gettext_lazy("production instance"))
    def show_instance(self, tenant: Any) -> SafeString | str:
        """Return the instance's state, leading to its page."""
        if not tenant.productions:
            return NOTHING
        instance: Instance = tenant.productions[0]
        badge = make_badge(instance.get_state_display(), STATE_COLOURS[instance.state])
        return format_html('<a href="{}">{}</a>', reverse("admin:tenants_instance_change", args=[instance.pk]), badge)

    @display(description=gettext_lazy("last good backup"))
    def show_backup(self, tenant: Any) -> SafeString | str:
        """Return the age of its last good whole backup."""
        if not tenant.productions:
            return NOTHING
        instance = tenant.productions[0]
        thresholds = tenant.thresholds
        return make_age_badge(instance.state, instance.good_at, now=timezone.now(), thresholds=thresholds)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, with the ages that each parish's policy tells from."""
        listed = super().get_changelist_instance(request)
        found = find_thresholds([tenant.productions[0] for tenant in listed.result_list if tenant.productions])
        for tenant in listed.result_list:
            tenant.thresholds = found[tenant.productions[0].pk] if tenant.productions else None
        return listed

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        """Return parishes with their production instances, in two queries; the list reads no secret."""
        productions = Instance.objects.filter(kind=InstanceKind.PRODUCTION.value).annotate(good_at=make_last_good("pk"))
        productions = productions.defer("secrets")
        rows: QuerySet[Tenant] = super().get_queryset(request)
        rows = rows.prefetch_related(Prefetch("instances", queryset=productions, to_attr="productions"))
        return rows.defer("smtp_password", "imap_password")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return the groups of fields. Those who only look see values as they are: no passwords for them."""
        groups = super().get_fieldsets(request, obj)
        if isinstance(obj, Tenant) and _is_installed(obj):
            title, options = groups[0]
            groups = [(title, {**options, "description": REACHES_NO_SITE}), *groups[1:]]
        if obj is None or self.has_change_permission(request, obj):
            return groups
        unseen = SECRET_FIELDS
        return [
            (title, {**options, "fields": tuple(name for name in options["fields"] if name not in unseen)})
            for title, options in groups
        ]

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        """Save, and record the production instance of a new parish if it is wanted."""
        super().save_model(request, obj, form, change)
        if change and form.changed_data and _is_installed(obj):
            messages.warning(request, REACHES_NO_SITE)
        if change or not form.cleaned_data.get("create_production"):
            return
        try:
            instance = create_instance(obj, **select_place(None))
        except CiviparoisseError as error:
            messages.warning(request, _("The parish is recorded, but not its instance."))
            show_refusal(request, error)
            return
        link = reverse("admin:tenants_instance_ask", args=[instance.pk, "provision"])
        text = _("The instance %(instance)s is recorded. It runs once it is provisioned:") % {
            "instance": instance.identifier
        }
        messages.info(request, format_html('{} <a class="cp-link" href="{}">{}</a>', text, link, _("Provision…")))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form, and above it the way to the parish's instances, backups and costs, and its contacts."""
        tenant = self.get_object(request, object_id)
        above: dict[str, Any] = {}
        if tenant is not None and self.has_view_permission(request, tenant):
            above = {"links": _list_links(request, tenant), **list_contacts(request, tenant)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **above})  # type: ignore[no-any-return]

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, then delete; while something of the parish is left, say what, and what to do."""
        tenant = self.get_object(request, object_id)
        try:
            if tenant is not None and self.has_delete_permission(request, tenant):
                with transaction.atomic():
                    refuse_tenant_in_use(tenant)
            return super().delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]
        except CiviparoisseError as error:
            show_refusal(request, error)
            return redirect("admin:tenants_tenant_change", object_id)

    def delete_model(self, request: HttpRequest, obj: Tenant) -> None:
        """Delete through the registry."""
        delete_tenant(obj, requested_by=request.user.get_username())

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Return what goes: the parish and its purged instances, which have their own guard (deletion.py)."""
        names = [str(row) for row in objs]
        may_delete = all(self.has_delete_permission(request, row) for row in objs)
        lacking = set() if may_delete else {str(self.opts.verbose_name)}
        return names, {str(self.opts.verbose_name_plural): len(names)}, lacking, []

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form; an instance is recorded with new parishes only, by those who may record one."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None or not may(request.user, "tenants.add_instance"):
            form.base_fields.pop("create_production", None)
        return form
