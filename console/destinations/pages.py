"""Destinations for people: the list with the last check and usage, the page of each with its copies, its settings."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import ModelAdmin, display, make_page, show_refusal
from civiparoisse.presentation import BAD, DOUBTFUL, GOOD, NOTHING, format_age, format_time
from clusters.models import LEVELS
from console.clusters.pages import LEVEL_COLOURS
from console.destinations.forms import DestinationForm, name_field
from console.instances.columns import make_badge
from domain.errors import CiviparoisseError, render_error
from domain.findings import Level
from offsite.checking import check_destination
from offsite.copies import copy_again
from offsite.destinations import create_destination, delete_destination, update_destination
from offsite.documents import (
    DestinationCheckSerializer,
    describe_retirement,
    find_usage,
    list_copies,
    read_settings,
)
from offsite.models import PROTECTING, BackupCopy, CopyState, Destination, DestinationKind
from offsite.protection import DAMAGED
from offsite.providers import SETTINGS

# So many of a destination's newest copies are shown; all of them have a command and an address of the API.
SHOWN = 100
GENERAL = ("name", "kind", "enabled", "accept_loss", "at_most", "bandwidth_kib")


@admin.register(Destination)
class DestinationAdmin(ModelAdmin):
    """Destinations of copies. Secrets go in and never come out."""

    form = DestinationForm
    list_display = ("show_name", "kind", "show_use", "show_copies", "show_check")
    list_display_links = None
    search_fields = ("name",)
    list_per_page = 50

    @display(description=gettext_lazy("name"), ordering="name")
    def show_name(self, row: Destination) -> SafeString:
        """Return the name, leading to its page."""
        return format_html('<a class="cp-link" href="{}">{}</a>', _make_link(row), row.name)

    @display(description=gettext_lazy("in use"), ordering="enabled")
    def show_use(self, row: Destination) -> str:
        """Return whether copies go there."""
        return _("yes") if row.enabled else _("no")

    @display(description=gettext_lazy("copies"))
    def show_copies(self, row: Destination) -> str:
        """Return how many copies are there, and their size."""
        usage = find_usage(row)
        return f"{usage['there']} ({filesizeformat(usage['sealed_bytes'])})"

    @display(description=gettext_lazy("last check"), ordering="checked_at")
    def show_check(self, row: Destination) -> SafeString | str:
        """Return the result of the last check and its age."""
        return _show_check(row)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return the general fields, then the settings of the kind: all kinds for a new one. Those who only look see no
        setting."""
        groups: list[Any] = [(None, {"fields": GENERAL if obj else tuple(n for n in GENERAL if n != "accept_loss")})]
        groups.append((gettext_lazy("Lock"), {"fields": ("lock_mode", "lock_days")}))
        if obj is not None and not self.has_change_permission(request, obj):
            shown = tuple(name for name in GENERAL if name != "accept_loss")
            return [(None, {"fields": shown}), groups[1]]
        for kind, declared in SETTINGS.items():
            if obj is None or kind == obj.kind:  # type: ignore[attr-defined]
                fields = tuple(name_field(kind, name) for name in declared)
                groups.append((DestinationKind(kind).label, {"fields": fields}))
        return groups

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form's class; its settings are no columns."""
        general = [name for name in DestinationForm.Meta.fields]
        return super().get_form(request, obj, change, **{**kwargs, "fields": general})

    def save_model(self, request: HttpRequest, obj: Destination, form: DestinationForm, change: bool) -> None:
        """Record it through its only door."""
        data, who = form.cleaned_data["data"], request.user.get_username()
        row = update_destination(obj, data, requested_by=who) if change else create_destination(data, requested_by=who)
        obj.pk = row.pk
        obj.refresh_from_db()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the actions, less the one that deletes many: each is deleted on its own, with its reason."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_model(self, request: HttpRequest, obj: Destination) -> None:
        """Delete through its only door."""
        delete_destination(obj, requested_by=request.user.get_username())

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, then delete; while copies are recorded there, say so, and what to do."""
        row = self.get_object(request, object_id)
        if row is not None and row.copies.exists():
            params = {"destination": row.name, "count": row.copies.count()}
            show_refusal(request, CiviparoisseError("destination_in_use", **params))
            return redirect("admin:offsite_destination_page", object_id)
        return super().delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]

    def response_post_save_add(self, request: HttpRequest, obj: Destination) -> HttpResponse:  # noqa: ARG002 - Django's
        """Go to its page: the next thing is its check."""
        return redirect("admin:offsite_destination_page", obj.pk)

    response_post_save_change = response_post_save_add

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a destination and what can be asked there."""

        def add(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            made: URLPattern = path(
                f"<int:pk>/{route}/", self.admin_site.admin_view(view), name=f"offsite_destination_{name}"
            )
            return made

        own = [
            add("page", self.show_page, "page"),
            add("check", self.ask_check, "check"),
            add("again/<int:copy>", self.ask_again, "again"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def show_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the page of a destination."""
        row = self._get_row(request, pk)
        context = _describe(row)
        context["may_change"] = self.has_change_permission(request, row)
        return make_page(self, request, "offsite/destination.html", row=row, title=row.name, **context)

    def ask_check(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Check it now, and say how it is."""
        row = self._get_row(request, pk, to_change=True)
        check_destination(row, now=timezone.now())
        say = {Level.OK.value: messages.success, Level.WARNING.value: messages.warning}.get(row.level, messages.error)
        say(request, f"{row.name} : {LEVELS[row.level]}")
        return redirect("admin:offsite_destination_page", pk)

    def ask_again(self, request: HttpRequest, pk: int, copy: int) -> HttpResponse:
        """Have a set copied anew whose copy is damaged, or was removed."""
        row = self._get_row(request, pk, to_change=True)
        wanted = BackupCopy.objects.filter(pk=copy, destination=row).select_related("backup").first()
        if wanted is None:
            raise Http404
        copy_again(wanted)
        names = {"backup": wanted.backup.backup_id, "destination": row.name}
        messages.success(request, _("%(backup)s is copied to %(destination)s again within minutes.") % names)
        return redirect("admin:offsite_destination_page", pk)

    def _get_row(self, request: HttpRequest, pk: int, *, to_change: bool = False) -> Destination:
        """Return the destination. Raise PermissionDenied or Http404; what changes something is asked by POST."""
        row: Destination | None = self.get_queryset(request).filter(pk=pk).first()
        permitted = self.has_change_permission if to_change else self.has_view_permission
        if not permitted(request, row):
            raise PermissionDenied
        if row is None or (to_change and request.method != "POST"):
            raise Http404
        return row


def _make_link(row: Destination) -> str:
    return reverse("admin:offsite_destination_page", args=[row.pk])


def _make_level_badge(level: str) -> SafeString:
    return make_badge(LEVELS[level], LEVEL_COLOURS[level])


def _show_check(row: Destination) -> SafeString | str:
    if row.checked_at is None or not row.level:
        return NOTHING
    badge = _make_level_badge(row.level)
    return format_html('{} <span class="cp-quiet">{}</span>', badge, format_age(row.checked_at, now=timezone.now()))


def _describe(row: Destination) -> dict[str, Any]:
    """Return what the page shows."""
    usage, settings = find_usage(row), SETTINGS[row.kind]
    shown = [name for name in ("endpoint", "host", "url", "bucket", "container", "path", "folder") if name in settings]
    known = read_settings(row)
    where = " ".join(str(known[name]) for name in shown if known.get(name))
    lock = f"{row.get_lock_mode_display()}, {row.lock_days} {_('days')}" if row.lock_days else NOTHING
    report = DestinationCheckSerializer(row).data
    order = [level.value for level in reversed(Level)]
    findings: Any = sorted(row.report and report["findings"] or [], key=lambda told: order.index(told["level"]))
    copies = list_copies(destination=row.name)[:SHOWN]
    return {
        "destination": row,
        "facts": [
            (_("Kind"), str(row.get_kind_display())),
            (_("Where"), where or _("cannot be read")),
            (_("In use"), _("yes") if row.enabled else _("no")),
            (_("Lock"), lock),
            (_("Copies"), f"{usage['there']} ({filesizeformat(usage['sealed_bytes'])})"),
            (_("Waiting or being copied"), str(usage["coming"])),
            (_("Missing or different"), str(usage["damaged"])),
            (_("Known since"), format_time(row.created_at)),
        ],
        "check_badge": _show_check(row),
        "findings": [
            {**told, "badge": make_badge(LEVELS[told["level"]], LEVEL_COLOURS[told["level"]])} for told in findings
        ],
        "retirement": describe_retirement(row),
        "copies": [_describe_copy(copy) for copy in copies],
    }


def _describe_copy(copy: BackupCopy) -> dict[str, Any]:
    colour = GOOD if copy.state in PROTECTING else BAD if copy.state in DAMAGED else DOUBTFUL
    message, hint = render_error(copy.error_code, copy.error_params) if copy.error_code else ("", "")
    return {
        "pk": copy.pk,
        "backup": copy.backup.backup_id,
        "link": reverse("admin:backups_backup_change", args=[copy.backup.pk]),
        "instance": copy.backup.instance.identifier,
        "badge": make_badge(copy.get_state_display(), colour),
        "size": filesizeformat(copy.sealed_bytes) if copy.sealed_bytes else NOTHING,
        "checked": format_time(copy.checked_at) if copy.checked_at else NOTHING,
        "opened": format_time(copy.opened_at) if copy.opened_at else NOTHING,
        "held_until": format_time(copy.held_until) if copy.held_until and copy.state == CopyState.HELD else "",
        "error": " ".join(text for text in (message, hint) if text),
        "may_again": copy.state in (*DAMAGED, CopyState.GONE),
    }
