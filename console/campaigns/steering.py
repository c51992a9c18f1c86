"""Asks whether to start, pause, go on with, cancel or retry a campaign; on POST, does it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.steering import CHANGE
from civiparoisse.admin_base import ModelAdmin, make_page, show_refusal
from console.campaigns.columns import word_kind
from console.campaigns.facts import word_size
from console.campaigns.steps import BY_CODE, Doing, Step
from domain.campaigns import MemberState
from domain.errors import CiviparoisseError
from operations.permissions import require, require_kind

PAGE = "admin:campaigns_campaign_change"


def steer(model_admin: ModelAdmin, http: HttpRequest, campaign: Campaign, code: str) -> HttpResponse:
    """Show what the step `code` would do with the campaign; on POST, do it and go back to its page. Raise
    PermissionDenied, Http404."""
    step = BY_CODE.get(code)
    if step is None:
        raise Http404
    require(http.user, CHANGE)
    if step.begins:
        require_kind(http.user, campaign.kind)
    form = step.form(http.POST if http.method == "POST" else None, initial={"notes": campaign.notes})
    if http.method == "POST" and form.is_valid():
        doing = Doing(person=http.user, values=form.cleaned_data, now=timezone.now())  # type: ignore[arg-type]
        try:
            step.run(campaign, doing)
        except CiviparoisseError as error:
            show_refusal(http, error)
        else:
            messages.success(http, str(step.done))
        return redirect(PAGE, campaign.pk)
    return _show(model_admin, http, campaign, step, form=form)


def _show(model_admin: ModelAdmin, http: HttpRequest, campaign: Campaign, step: Step, *, form: Any) -> HttpResponse:
    members = campaign.members.exclude(state=MemberState.LEFT_OUT.value).count()
    return make_page(
        model_admin,
        http,
        "campaigns/steer.html",
        row=campaign,
        title=campaign.name,
        step=step,
        heading=step.heading % {"name": campaign.name},
        button=str(step.button).rstrip("…"),
        summary=f"{word_kind(campaign.kind)} – {word_size(members)}",
        sentences=step.sentences,
        form=form,
        back=model_admin.get_page_address(campaign),
    )
