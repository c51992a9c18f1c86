"""A new campaign: its kind is chosen, its form filled, its dry run looked at; only then it is recorded, and started."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from campaigns.creating import ADD, create_campaign
from campaigns.drafts import list_campaign_kinds
from campaigns.models import Campaign
from campaigns.planning import plan_campaign
from campaigns.steering import CHANGE, start_campaign
from civiparoisse.admin_base import ModelAdmin, make_page, show_refusal
from console.campaigns.forms import CampaignForm
from console.campaigns.plans import describe_plan, digest_plan
from domain.errors import CiviparoisseError
from operations.declarations import KindDefinition
from operations.permissions import may_ask, require, require_kind

PAGE = "admin:campaigns_campaign_change"


def begin_campaign(model_admin: ModelAdmin, http: HttpRequest) -> HttpResponse:
    """Show the page of the step that comes next, and do the last one. Raise PermissionDenied or Http404."""
    require(http.user, ADD)
    given = http.POST if http.method == "POST" else http.GET
    step = http.GET.get("step") or http.POST.get("step", "")
    if not given.get("kind"):
        return show_kinds(model_admin, http, slugs=_read_slugs(given.get("slugs", "")))
    kind = _find_kind(given["kind"])
    require_kind(http.user, kind.code)
    if http.method != "POST" or step == "fill":
        form = CampaignForm(kind, initial=_make_initial(kind, given))
        return _show_form(model_admin, http, kind, form)
    form = CampaignForm(kind, http.POST)
    if not form.is_valid() or step == "change":
        return _show_form(model_admin, http, kind, form)
    return _go_on(model_admin, http, kind, form, step=step)


def show_kinds(model_admin: ModelAdmin, http: HttpRequest, *, slugs: list[str]) -> HttpResponse:
    """Show what campaigns can do, for the instances of `slugs` or for those that the form will choose."""
    kinds = [kind for kind in list_campaign_kinds() if may_ask(http.user, kind.code)]
    return make_page(
        model_admin,
        http,
        "campaigns/kinds.html",
        row=Campaign(),
        title=_("New campaign"),
        kinds=[{"code": kind.code, "icon": kind.icon, "label": str(kind.button_label)} for kind in kinds],
        slugs="\n".join(slugs),
        chosen_count=len(slugs),
    )


def _go_on(
    model_admin: ModelAdmin, http: HttpRequest, kind: KindDefinition, form: CampaignForm, *, step: str
) -> HttpResponse:
    """Show the dry run, or record what was looked at in it. What has changed since is shown again first."""
    now = timezone.now()
    try:
        plan = plan_campaign(form.get_draft(), now=now)
    except CiviparoisseError as error:
        form.add_error(None, str(error))
        return _show_form(model_admin, http, kind, form)
    is_last = step in ("create", "start")
    is_changed = is_last and http.POST.get("seen") != digest_plan(plan)
    refused = None
    if is_last and not is_changed:
        if step == "start":
            require(http.user, CHANGE)
        try:
            return _record(http, form, is_started=step == "start", now=now)
        except CiviparoisseError as error:
            refused = error
    shown = {**describe_plan(plan), "is_changed": is_changed, "refused": refused, "form": form}
    return make_page(model_admin, http, "campaigns/plan.html", row=Campaign(), title=plan.draft.name, **shown)


def _record(http: HttpRequest, form: CampaignForm, *, is_started: bool, now: Any) -> HttpResponse:
    """Record the campaign and start it where that was said; a refused start leaves it recorded, and is told."""
    assert isinstance(http.user, User), "permissions are checked before"
    who = {"by": http.user.get_username(), "person": http.user, "now": now}
    campaign = create_campaign(form.get_draft(), **who)
    if not is_started:
        messages.success(http, _("Recorded. Nothing begins before it is started."))
        return redirect(PAGE, campaign.pk)
    try:
        start_campaign(campaign, **who)
    except CiviparoisseError as error:
        show_refusal(http, error)
    else:
        messages.success(http, _("Started. This page follows it."))
    return redirect(PAGE, campaign.pk)


def _show_form(model_admin: ModelAdmin, http: HttpRequest, kind: KindDefinition, form: CampaignForm) -> HttpResponse:
    title = _("New campaign: %(kind)s") % {"kind": kind.button_label}
    return make_page(model_admin, http, "campaigns/form.html", row=Campaign(), title=title, form=form)


def _find_kind(code: str) -> KindDefinition:
    found = next((kind for kind in list_campaign_kinds() if kind.code == code), None)
    if found is None:
        raise Http404
    return found


def _read_slugs(text: str) -> list[str]:
    return text.split()


def _make_initial(kind: KindDefinition, given: Any) -> dict[str, Any]:
    today = date_format(localtime(timezone.now()), "SHORT_DATE_FORMAT")
    initial: dict[str, Any] = {"kind": kind.code, "name": f"{kind.button_label} – {today}"}
    if slugs := _read_slugs(given.get("slugs", "")):
        # Whoever was chosen by hand takes part, a sandbox too.
        initial |= {"slugs": "\n".join(slugs), "kinds": []}
    if release := given.get("release"):
        initial["parameter_release"] = release
    return initial
