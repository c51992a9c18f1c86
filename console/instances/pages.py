"""Instances for people: the list, the page of each with what can be asked now, and the pages that ask it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Model, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from backups.ages import make_last_good
from backups.policies import find_policy, get_thresholds
from backups.proof_ages import make_last_outcome, make_last_proof
from backups.volumes import list_volume_notes
from civiparoisse.admin_base import ModelAdmin, UnfoldAdminSelectWidget, display, make_page
from civiparoisse.presentation import NOTHING, make_progress
from clusters.settings import select_place
from console.instances.choosing import begin_for_chosen
from console.instances.columns import (
    STATE_COLOURS,
    grade_rows,
    make_age_badge,
    make_failure_badge,
    make_proof_age_badge,
    make_proof_badge,
    make_protection_badge,
)
from console.instances.facts import describe_failed_backup, list_facts
from console.instances.filters import TroubleFilter
from console.instances.obstacles import find_obstacle
from console.instances.requests import ask_operation
from console.policies.timeline import describe_next, mark_rows, show_timeline
from domain.errors import CiviparoisseError, render_error
from domain.specs import InstanceKind
from domain.states import InstanceState
from engine.registry import list_engines
from operations.models import Operation
from operations.permissions import may, may_ask
from operations.registry import list_next_actions
from operations.room import room_as_dict
from tenants.models import Instance
from tenants.registry import create_instance, get_default_plan, get_default_release

SHOWN_ROWS = 10
ADD_CAMPAIGN = "campaigns.add_campaign"
PASSWORDS = ("secrets", "tenant__smtp_password", "tenant__imap_password")


class InstanceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A further instance of a parish: a sandbox to try a backup in, for example."""

    engine = forms.ChoiceField(
        label=gettext_lazy("Engine"),
        choices=lambda: [(name, name) for name in list_engines()],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Instance
        fields = ("tenant", "kind", "plan", "release", "engine")

    def clean(self) -> dict[str, Any]:
        """Refuse what the registry would refuse: it is asked, and nothing is kept."""
        values: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                with transaction.atomic():
                    self.create(values)
                    transaction.set_rollback(True)
            except CiviparoisseError as error:
                raise forms.ValidationError(str(error), code=error.code) from error
        return values

    def create(self, values: dict[str, Any]) -> Instance:
        """Record the instance through the registry, which names it. Raise CiviparoisseError."""
        return create_instance(
            values["tenant"],
            kind=InstanceKind(values["kind"]),
            plan=values["plan"],
            release=values["release"],
            **select_place(values["engine"] or None),
        )


@admin.register(Instance)
class InstanceAdmin(ModelAdmin):
    """What runs. Rows change by operations only."""

    actions = (begin_for_chosen,)
    form = InstanceForm
    list_display = (
        "identifier",
        "show_state",
        "show_address",
        "plan",
        "release",
        "show_backup",
        "show_protected",
        "show_proven",
        "show_operation",
    )
    list_filter = ("state", TroubleFilter, "kind", "plan", "release", "engine")
    search_fields = ("identifier", "host", "tenant__name")
    list_per_page = 30

    @display(description=gettext_lazy("state"), ordering="state", colours=STATE_COLOURS)
    def show_state(self, instance: Instance) -> tuple[str, str]:
        """Return the state with its badge."""
        return instance.state, str(instance.get_state_display())

    @display(description=gettext_lazy("address"), ordering="host")
    def show_address(self, instance: Instance) -> SafeString | str:
        """Return its page's link, its future host while there is no page."""
        if not instance.url or instance.state != InstanceState.ACTIVE:
            return instance.host
        return format_html('<a class="cp-link" href="{0}" target="_blank" rel="noopener">{0}</a>', instance.url)

    @display(description=gettext_lazy("good backup"), ordering="good_at")
    def show_backup(self, instance: Any) -> SafeString:
        """Return the age of the last good whole backup, and why a later one failed."""
        now = timezone.now()
        age = make_age_badge(instance.state, instance.good_at, now=now, thresholds=instance.thresholds)
        return format_html("{} {}", age, make_failure_badge(instance.last_failure)) if instance.last_failure else age

    @display(description=gettext_lazy("copy elsewhere"))
    def show_protected(self, instance: Any) -> SafeString:
        """Return the age of the newest set that is elsewhere too."""
        return make_protection_badge(instance, now=timezone.now())

    @display(description=gettext_lazy("proven"), ordering="proof_at")
    def show_proven(self, instance: Any) -> SafeString:
        """Return how long ago a set was last proven by restoring it."""
        return make_proof_age_badge(instance, now=timezone.now())

    @display(description=gettext_lazy("under way"))
    def show_operation(self, instance: Any) -> SafeString | str:
        """Return the operation that holds it, with its progress."""
        if not instance.holders:
            return NOTHING
        holder: Operation = instance.holders[0]
        link = reverse("admin:operations_operation_change", args=[holder.pk])
        bar = make_progress(holder.progress)
        return format_html('<a class="cp-link" href="{}">{} {}</a>', link, holder.get_kind_display(), bar)

    def has_campaign_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may record a campaign over instances that are chosen in the list."""
        return may(request.user, ADD_CAMPAIGN)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return False: operations change it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return False: deleting is an operation, and the row goes with the parish."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Instance]:
        """Return instances with all the list shows, in two queries; no secret is read."""
        held = Operation.objects.filter(lock=F("subject")).defer("data", "result", "parameters")
        rows: QuerySet[Instance] = super().get_queryset(request)
        rows = rows.select_related("tenant", "plan", "release").defer(*PASSWORDS)
        holders = Prefetch("operations", queryset=held, to_attr="holders")
        proofs = {"proof_at": make_last_proof("pk"), "last_proof": make_last_outcome("pk")}
        return rows.annotate(good_at=make_last_good("pk"), **proofs).prefetch_related(holders)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, its badges coloured by the policies of its rows."""
        listed = super().get_changelist_instance(request)
        grade_rows(listed.result_list, now=timezone.now())
        return listed

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what a further instance most often is."""
        initial: dict[str, Any] = {"kind": InstanceKind.SANDBOX.value, "engine": settings.DEFAULT_ENGINE}
        try:
            initial |= {"plan": get_default_plan().pk, "release": get_default_release().pk}
        except CiviparoisseError:
            pass  # the two fields are empty, and say that they are needed
        return initial | dict(super().get_changeform_initial_data(request))

    def save_model(self, request: HttpRequest, obj: Instance, form: Any, change: bool) -> None:  # noqa: ARG002 - Django's
        """Record the instance that the form describes."""
        created = form.create(form.cleaned_data)
        obj.pk = created.pk
        obj.refresh_from_db()

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that ask for operations."""
        ask = self.admin_site.admin_view(self.ask)
        part = self.admin_site.admin_view(self.show_part)
        timeline = self.admin_site.admin_view(self.show_retention)
        own = [
            path("<int:pk>/ask/<str:kind>/", ask, name="tenants_instance_ask"),
            path("<int:pk>/part/", part, name="tenants_instance_part"),
            path("<int:pk>/retention/", timeline, name="tenants_instance_retention"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def ask(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """Return the page that asks for an operation; see admin_requests."""
        return ask_operation(self, request, self._get_row(request, str(pk)), kind)

    def show_retention(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the page of what becomes of the instance's sets; see console.policies.timeline."""
        return show_timeline(self, request, self._get_row(request, str(pk)))

    def show_part(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the part of an instance's page that changes, for the script that reads it again."""
        return render(request, "tenants/instance_part.html", _describe(request, self._get_row(request, str(pk))))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Return the instance's page."""
        instance = self._get_row(request, object_id)
        return make_page(
            self,
            request,
            "tenants/instance.html",
            row=instance,
            title=instance.identifier,
            **_describe(request, instance),
        )

    def _get_row(self, request: HttpRequest, object_id: str) -> Instance:
        if not self.has_view_permission(request):
            raise PermissionDenied
        instance = self.get_object(request, object_id)
        if instance is None:
            raise Http404
        return instance  # type: ignore[no-any-return]


def _describe(request: HttpRequest, instance: Any) -> dict[str, Any]:
    """Return what the page shows."""
    policy = find_policy(instance)
    thresholds = get_thresholds(policy)
    message, hint = render_error(instance.error_code, instance.error_params) if instance.error_code else ("", "")
    return {
        "instance": instance,
        "colour": STATE_COLOURS[instance.state],
        "proof_badge": make_proof_badge(instance, now=timezone.now()),
        "backup_badge": make_age_badge(instance.state, instance.good_at, now=timezone.now(), thresholds=thresholds),
        "policy": policy,
        "volume_notes": list_volume_notes(instance),
        "holder": instance.holders[0] if instance.holders else None,
        "buttons": [] if instance.holders else _list_buttons(request, instance),
        "facts": list_facts(instance),
        "operations": list(instance.operations.order_by("-pk")[:SHOWN_ROWS]),
        "backups": mark_rows(instance.backups.prefetch_related("proofs").order_by("-pk")[:SHOWN_ROWS]),
        "coming": describe_next(instance, policy, now=timezone.now()),
        "findings": room_as_dict(instance)["findings"],
        "failed_backup": describe_failed_backup(instance),
        "error_message": message,
        "error_hint": hint,
    }


def _list_buttons(request: HttpRequest, instance: Instance) -> list[dict[str, Any]]:
    """Return the actions that the instance's state allows and the person may ask for, in the states' order."""
    state = InstanceState(instance.state)
    return [
        {
            "label": kind.page_label,
            "icon": kind.icon,
            "link": reverse("admin:tenants_instance_ask", args=[instance.pk, kind.code]),
            "is_main": state in kind.expected_in,
            "is_dangerous": kind.is_dangerous,
            "obstacle": find_obstacle(instance, kind),
        }
        for kind in list_next_actions(state, instance.kind)
        if may_ask(request.user, kind.code)
    ]
