"""Backups for people: what there is, how old, whether it is good. Putting one back is asked on the instance's page."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from backups.kinds.browse import BROWSE
from backups.kinds.verify import VERIFY
from backups.models import Backup, BackupState, ProofOutcome
from backups.pins import pin_backup, unpin_backup
from backups.proof_sources import VOLUME
from backups.prune_parameters import is_prunable
from backups.verify_parameters import is_kept
from civiparoisse.admin_base import (
    AutocompleteSelectFilter,
    ReadOnlyAdmin,
    display,
    make_page,
    show_refusal,
)
from civiparoisse.presentation import (
    BAD,
    BUSY,
    GOOD,
    NOTHING,
    QUIET,
    format_age,
    format_count,
    format_duration,
    format_size,
    format_time,
)
from console.backups.filters import DaysFilter, PlaceFilter
from domain.errors import CiviparoisseError, InvalidValue, render_error
from domain.states import OperationKind
from operations.permissions import may, may_ask, require
from operations.registry import get_kind

PIN = "backups.change_backup"
STATE_COLOURS = {
    BackupState.RUNNING.value: BUSY,
    BackupState.GOOD.value: GOOD,
    BackupState.FAILED.value: BAD,
    BackupState.DELETED.value: QUIET,
}


PROOF_COLOURS = {ProofOutcome.PROVEN.value: GOOD, ProofOutcome.FAILED.value: BAD, "": QUIET}


@admin.register(Backup)
class BackupAdmin(ReadOnlyAdmin):
    """The list, newest first."""

    list_display = (
        "show_started",
        "show_age",
        "instance",
        "scope",
        "show_size",
        "show_state",
        "show_verified",
        "show_proven",
        "reason",
        "show_restore",
    )
    list_filter = (
        ("instance__tenant", AutocompleteSelectFilter),
        "state",
        PlaceFilter,
        ("started_at", DaysFilter),
        "scope",
        "reason",
        ("instance", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    search_fields = ("backup_id", "instance__identifier", "instance__tenant__name")
    list_per_page = 30
    ordering = ("-started_at", "-pk")

    @display(description=gettext_lazy("started"), ordering="started_at")
    def show_started(self, backup: Backup) -> str:
        """Return when it was taken."""
        return format_time(backup.started_at)

    @display(description=gettext_lazy("age"), ordering="-started_at")
    def show_age(self, backup: Backup) -> str:
        """Return how long ago it was taken."""
        return format_age(backup.started_at, now=timezone.now())

    @display(description=gettext_lazy("size"), ordering="stored_bytes")
    def show_size(self, backup: Backup) -> str:
        """Return what it takes on the volume."""
        return format_size(backup.stored_bytes)

    @display(description=gettext_lazy("state"), ordering="state", colours=STATE_COLOURS)
    def show_state(self, backup: Backup) -> tuple[str, str]:
        """Return the state with its badge."""
        text = str(backup.get_state_display())
        if backup.warnings:
            count = len(backup.warnings)
            text += ", " + ngettext("%(count)s remark", "%(count)s remarks", count) % {"count": count}
        return backup.state, text

    @display(description=gettext_lazy("verified"), ordering="verified_at")
    def show_verified(self, backup: Backup) -> str:
        """Return when it was last read back whole."""
        return format_time(backup.verified_at)

    @display(description=gettext_lazy("proven"), ordering="proven_at", colours=PROOF_COLOURS)
    def show_proven(self, backup: Backup) -> tuple[str, str]:
        """Return when it was last restored for proof, or that this failed, with its badge."""
        return describe_proof(backup)

    @display(description="")
    def show_restore(self, backup: Backup) -> SafeString | str:
        """Return the way to put it back, where that can be asked now."""
        if not _can_restore(backup):
            return ""
        return format_html(
            '<a class="cp-link" href="{}">{}</a>', _make_address(backup, OperationKind.RESTORE), _("Restore…")
        )

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the columns; the way to restore only for those who may ask for it."""
        columns: tuple[str, ...] = super().get_list_display(request)
        may_restore = may_ask(request.user, OperationKind.RESTORE)
        return columns if may_restore else tuple(name for name in columns if name != "show_restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Backup]:
        """Return backups with their instances, secrets left out."""
        rows: QuerySet[Backup] = super().get_queryset(request)
        return (
            rows.select_related("instance__tenant")
            .prefetch_related("proofs__operation")
            .defer("instance__secrets", "instance__tenant__smtp_password", "instance__tenant__imap_password")
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the address that pins and unpins."""
        pin = self.admin_site.admin_view(require_POST(self.pin))
        return [path("<int:pk>/pin/", pin, name="backups_backup_pin"), *super().get_urls()]

    def pin(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep the set, or with `remove` let the policy decide again; then show its page."""
        require(request.user, PIN)
        backup = self.get_object(request, str(pk))
        if backup is None:
            raise Http404
        person, now = f"admin:{request.user.get_username()}", timezone.now()
        try:
            if "remove" in request.POST:
                unpin_backup(backup, requested_by=person)
            else:
                until = _read_until(request.POST.get("until", ""))
                pin_backup(backup, reason=request.POST.get("reason", ""), until=until, requested_by=person, now=now)
        except CiviparoisseError as error:
            show_refusal(request, error)
        return redirect(reverse("admin:backups_backup_change", args=[backup.pk]))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Return the backup's page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        backup = self.get_object(request, object_id)
        if backup is None:
            raise Http404
        message, hint = render_error(backup.error_code, backup.error_params) if backup.error_code else ("", "")
        may_restore = may_ask(request.user, OperationKind.RESTORE) and _can_restore(backup)
        may_verify = may_ask(request.user, VERIFY.code) and _is_offered(backup, VERIFY.code) and is_kept(backup)
        may_remove = (
            may_ask(request.user, OperationKind.PRUNE)
            and _is_offered(backup, OperationKind.PRUNE)
            and is_prunable(backup)
        )
        return make_page(
            self,
            request,
            "backups/page.html",
            row=backup,
            title=backup.backup_id,
            backup=backup,
            colour=STATE_COLOURS[backup.state],
            age=format_age(backup.started_at, now=timezone.now()),
            facts=_list_facts(backup),
            proofs=list_proofs(backup),
            pin_events=list(backup.pin_events.all()),
            error_message=message,
            error_hint=hint,
            browsing=_make_address(backup, BROWSE.code) if _may_browse(request, backup) else "",
            verification=_make_address(backup, VERIFY.code) if may_verify else "",
            restore=_make_address(backup, OperationKind.RESTORE) if may_restore else "",
            removal=_make_address(backup, OperationKind.PRUNE) if may_remove else "",
            pin=reverse("admin:backups_backup_pin", args=[backup.pk]) if _may_pin(request, backup) else "",
            timeline=reverse("admin:tenants_instance_retention", args=[backup.instance_id]),
        )


def describe_proof(backup: Backup) -> tuple[str, str]:
    """Return (outcome that decides its colour, text) of the last proof that decided; two empty texts without one."""
    decided = [report for report in backup.proofs.all() if report.outcome != ProofOutcome.UNDECIDED]
    if not decided:
        return "", NOTHING
    last = max(decided, key=lambda report: report.pk)
    text = _("proven on %(time)s") if last.outcome == ProofOutcome.PROVEN else _("proof failed on %(time)s")
    return last.outcome, text % {"time": format_time(last.ended_at)}


def list_proofs(backup: Backup) -> list[dict[str, Any]]:
    """Return the proofs of a set for its page, the newest first: when, what came of it, figures, what was wrong."""
    return [
        {
            "report": report,
            "colour": PROOF_COLOURS.get(report.outcome, QUIET),
            "ended": format_time(report.ended_at),
            "source": _("the volume") if report.source == VOLUME else report.source,
            "rows": format_count(report.figures.get("rows")),
            "restore": format_duration(report.figures.get("restore_seconds")),
            "problems": [render_error(one["code"], one["params"])[0] for one in report.problems],
        }
        for report in sorted(backup.proofs.all(), key=lambda report: -report.pk)
    ]


def _may_pin(request: HttpRequest, backup: Backup) -> bool:
    return backup.state == BackupState.GOOD and may(request.user, PIN)


def _may_browse(request: HttpRequest, backup: Backup) -> bool:
    is_good = backup.state == BackupState.GOOD
    return is_good and may_ask(request.user, BROWSE.code) and _is_offered(backup, BROWSE.code)


def _read_until(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=get_default_timezone())
    except ValueError as error:
        raise InvalidValue(field="until", reason=_("give a day, as 2027-01-31.")) from error


def _can_restore(backup: Backup) -> bool:
    return backup.state == BackupState.GOOD and _is_offered(backup, OperationKind.RESTORE)


def _is_offered(backup: Backup, kind: str) -> bool:
    asked = get_kind(kind)
    return asked.may_be_asked_in(backup.instance.state) and asked.is_for(backup.instance.kind)


def _make_address(backup: Backup, kind: str) -> str:
    address = reverse("admin:tenants_instance_ask", args=[backup.instance_id, kind])
    choice = next(parameter.name for parameter in get_kind(kind).list_offered() if parameter.of_backups)
    return f"{address}?{choice}={backup.backup_id}"


def _list_facts(backup: Backup) -> list[tuple[str, str]]:
    """Return (name, text) of what is known of the set, in the order people ask for it."""
    return [
        (_("Taken on"), format_time(backup.started_at)),
        (_("Verified on"), format_time(backup.verified_at)),
        (_("Proven by restoring"), describe_proof(backup)[1]),
        (_("Scope"), str(backup.get_scope_display())),
        (_("Reason"), str(backup.get_reason_display())),
        (_("Mode"), str(backup.get_mode_display())),
        (_("Size on the volume"), format_size(backup.stored_bytes)),
        (_("Size of the data"), format_size(backup.plain_bytes)),
        (_("Compression"), backup.codec),
        (_("Tables"), format_count(backup.tables)),
        (_("Rows"), format_count(backup.rows)),
        (_("Files"), format_count(backup.members)),
        (_("Duration"), format_duration(backup.duration_seconds)),
        (_("Proven by restoring on"), format_time(backup.proven_at)),
        (_("Deleted on"), format_time(backup.deleted_at)) if backup.deleted_at else (_("Kept"), _("yes")),
        (_("Fingerprint of the manifest"), backup.manifest_sha256[:16] or NOTHING),
    ]
