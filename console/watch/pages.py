"""Problems for people: what stands since when, who is at it; who is told; the messages and what became of them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import ModelAdmin, ReadOnlyAdmin, display, make_page, show_refusal
from civiparoisse.presentation import BAD, DOUBTFUL, GOOD, NOTHING, QUIET, format_time
from console.instances.columns import make_badge
from console.watch.forms import AcknowledgeForm, RecipientForm
from domain.errors import CiviparoisseError
from domain.findings import Level
from watch.acknowledgement import acknowledge, revoke
from watch.catalogue import get_label, list_choices
from watch.documents import list_recipients
from watch.models import Message, Problem, Recipient
from watch.notices.recipients import send_test
from watch.notices.webhooks import rotate_secret

CHANGE = "watch.change_problem"


class StandingFilter(admin.SimpleListFilter):
    """What stands, unless something else is chosen."""

    title = gettext_lazy("what is shown")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's
        """Return the other choices; without one: what stands and nobody is at."""
        return [
            ("all", gettext_lazy("All that stand")),
            ("acknowledged", gettext_lazy("Acknowledged")),
            ("ended", gettext_lazy("Ended")),
        ]

    def choices(self, changelist: Any) -> Any:
        """Name the first choice for what it shows."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": gettext_lazy("To be done")} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Problem]) -> QuerySet[Problem]:  # noqa: ARG002
        """Return the chosen problems."""
        now = timezone.now()
        if self.value() == "ended":
            return queryset.filter(open_key=None)
        standing = queryset.filter(open_key__isnull=False)
        if self.value() == "acknowledged":
            return standing.filter(acknowledged_until__gt=now)
        return standing if self.value() == "all" else standing.exclude(acknowledged_until__gt=now)


class CheckFilter(admin.SimpleListFilter):
    """One check."""

    title = gettext_lazy("check")
    parameter_name = "check_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's
        """Return every check."""
        return list_choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Problem]) -> QuerySet[Problem]:  # noqa: ARG002
        """Return what it found."""
        return queryset.filter(check_code=self.value()) if self.value() else queryset


def show_level(level: str) -> SafeString:
    """Return a level as a badge."""
    texts = {Level.CRITICAL.value: (_("critical"), BAD), Level.WARNING.value: (_("warning"), DOUBTFUL)}
    return make_badge(*texts.get(level, (level, QUIET)))


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin):
    """What stands, the worst and oldest first. The checks begin and end problems; people say that they are at it."""

    list_display = ("show_title", "show_name", "show_level", "since", "ended_at", "show_acknowledged")
    list_filter = (StandingFilter, "level", CheckFilter)
    search_fields = ("title", "name", "subject", "tenant")
    ordering = ("level", "since", "pk")
    list_per_page = 50

    @display(description=gettext_lazy("what is wrong"), ordering="title")
    def show_title(self, problem: Problem) -> str:
        """Return what is wrong."""
        return problem.title

    @display(description=gettext_lazy("with"), ordering="name")
    def show_name(self, problem: Problem) -> SafeString | str:
        """Return the subject, leading to its page."""
        name = problem.name or _("the service")
        return format_html('<a class="cp-link" href="{}">{}</a>', problem.link, name) if problem.link else name

    @display(description=gettext_lazy("level"), ordering="level")
    def show_level(self, problem: Problem) -> SafeString:
        """Return the level as a badge."""
        return show_level(problem.level)

    @display(description=gettext_lazy("acknowledged"))
    def show_acknowledged(self, problem: Problem) -> str:
        """Return who is at it, until when."""
        until = problem.acknowledged_until
        if until is None or until <= timezone.now():
            return NOTHING
        return _("%(name)s, until %(time)s") % {"name": problem.acknowledged_by, "time": format_time(until)}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one problem; take an acknowledgement, or take it back."""
        del form_url, extra_context
        problem = self.get_object(request, object_id)
        if problem is None:
            raise Http404
        if not self.has_view_permission(request, problem):
            raise PermissionDenied
        may_change = request.user.has_perm(CHANGE)
        form = AcknowledgeForm(request.POST if request.method == "POST" and "revoke" not in request.POST else None)
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            if "revoke" in request.POST or form.is_valid():
                return self._answer(request, problem, form)
        return make_page(
            self,
            request,
            "watch/problem.html",
            row=problem,
            title=problem.title,
            problem=problem,
            level=show_level(problem.level),
            check=get_label(problem.check_code),
            is_acknowledged=problem.acknowledged_until is not None and problem.acknowledged_until > timezone.now(),
            may_change=may_change and problem.open_key is not None,
            form=form,
        )

    def _answer(self, request: HttpRequest, problem: Problem, form: AcknowledgeForm) -> HttpResponse:
        by = request.user.get_username()
        try:
            if "revoke" in request.POST:
                revoke(problem)
                messages.success(request, _("Everybody is reminded of it again."))
            else:
                acknowledge(problem, by=by, now=timezone.now(), **form.cleaned_data)
                messages.success(request, _("Nobody is reminded of it meanwhile."))
        except CiviparoisseError as error:
            show_refusal(request, error)
        return redirect(reverse("admin:watch_problem_change", args=[problem.pk]))


@admin.register(Recipient)
class RecipientAdmin(ModelAdmin):
    """Who is told of what."""

    form = RecipientForm
    actions = ("send_test", "renew_secret")
    list_display = ("name", "kind", "address", "least_level", "has_digest", "is_active", "show_waiting")
    fieldsets = (
        (None, {"fields": ("name", "kind", "address", "is_active")}),
        (gettext_lazy("What is told"), {"fields": ("least_level", "checks", "tenants")}),
        (
            gettext_lazy("When"),
            {
                "fields": ("quiet_from", "quiet_until", "has_digest"),
                "description": gettext_lazy("In quiet hours only what is critical is sent; the rest follows after."),
            },
        ),
    )

    @display(description=gettext_lazy("messages that wait"))
    def show_waiting(self, recipient: Any) -> SafeString:
        """Return whether messages arrive."""
        late = recipient.waiting
        return make_badge(_("%(count)s not arrived") % {"count": late}, BAD) if late else make_badge(_("none"), GOOD)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recipient]:  # noqa: ARG002 - Django's signature
        """Return recipients with what the list shows, in one query."""
        return list_recipients()

    @admin.action(description=gettext_lazy("Send a test message"), permissions=["change"])
    def send_test(self, request: HttpRequest, rows: QuerySet[Recipient]) -> None:
        """Send a test to each of the chosen, and say what became of it."""
        for recipient in rows:
            try:
                send_test(recipient, now=timezone.now())
            except CiviparoisseError as error:
                show_refusal(request, error)
            else:
                messages.success(request, _("%(name)s: the message was taken.") % {"name": recipient.name})

    @admin.action(description=gettext_lazy("Show a new secret of a webhook"), permissions=["change"])
    def renew_secret(self, request: HttpRequest, rows: QuerySet[Recipient]) -> None:
        """Give each of the chosen webhooks a new secret and show it once; the one before signs too for a week."""
        for recipient in rows.filter(kind="webhook"):
            secret = rotate_secret(recipient, now=timezone.now())
            self.log_change(request, recipient, _("A new signing secret was made and shown."))
            text = _("%(name)s: the new secret is shown once: %(secret)s")
            messages.warning(request, text % {"name": recipient.name, "secret": secret})

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the actions, less the one that deletes many."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Every message and what became of it."""

    list_display = ("subject", "recipient", "kind", "created_at", "show_state", "tries", "last_error")
    list_filter = ("kind", "recipient")
    search_fields = ("subject", "recipient__name")
    list_select_related = ("recipient",)
    fields = ("recipient", "kind", "subject", "body", "created_at", "due_at", "sent_at", "tries", "last_error")
    list_per_page = 50

    @display(description=gettext_lazy("state"))
    def show_state(self, message: Message) -> SafeString:
        """Return what became of it."""
        if message.sent_at is not None:
            return make_badge(_("sent"), GOOD)
        if message.given_up_at is not None:
            return make_badge(_("given up"), BAD)
        return make_badge(_("tried again"), DOUBTFUL) if message.tries else make_badge(_("waits"), QUIET)
