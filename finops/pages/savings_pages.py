"""The pages of savings: what would be enough, what is forgotten, what a month would cost if."""

import secrets

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from domain.states import OperationKind
from finops.advice.findings import list_findings
from finops.advice.recommendations import follow_recommendation, get_recommendation, list_recommendations
from finops.models import PriceSheet
from finops.pages.frame import check_permission, show
from finops.pages.savings_view import (
    is_measured,
    make_advice_rows,
    make_finding_rows,
    make_followed_rows,
    make_recommendation_rows,
    say_nothing_found,
)
from finops.pages.scenarios_view import list_scenarios
from finops.wording.formats import format_money, format_signed_money
from operations.permissions import may_ask, require_kind
from tenants.models import Plan


def show_savings(request: HttpRequest) -> HttpResponse:
    """Show every recommendation, every finding, and what was followed."""
    check_permission(request)
    now = timezone.now()
    advice, findings = list_recommendations(now=now), list_findings(now=now)
    wasters = sorted((advised for advised in advice if advised.waste), key=lambda advised: -(advised.waste or 0))
    return show(
        request,
        "finops/savings.html",
        _("Savings"),
        rows=make_recommendation_rows([advised for advised in advice if advised.is_change]),
        others=len([advised for advised in advice if not advised.is_change]),
        wastes=make_finding_rows(findings, may_ask=may_ask(request.user, OperationKind.DELETE)),
        wasters=[
            (
                waster.instance.identifier,
                format_money(waster.waste, waster.currency),
                reverse("finops_advice", args=[waster.instance.identifier]),
            )
            for waster in wasters[:10]
        ],
        followed=make_followed_rows(may_ask=may_ask(request.user, OperationKind.RESIZE)),
        nothing_found=say_nothing_found(is_measured(advice)),
    )


def show_advice(request: HttpRequest, identifier: str) -> HttpResponse:
    """Show the advice for one instance with its evidence; on POST, ask for the resize that follows it."""
    check_permission(request)
    now = timezone.now()
    try:
        advice = get_recommendation(identifier, now=now)
    except CiviparoisseError as error:
        raise Http404 from error
    refusal = None
    if request.method == "POST":
        require_kind(request.user, OperationKind.RESIZE)
        try:
            operation = follow_recommendation(
                advice,
                requested_by=request.user.get_username(),
                now=now,
                idempotency_key=f"admin:{request.user.pk}:{request.POST.get('key', '')}"[:200],
            )
            messages.success(
                request, _("Asked: %(kind)s. This page follows it.") % {"kind": operation.get_kind_display()}
            )
            return redirect("admin:operations_operation_change", operation.pk)
        except CiviparoisseError as error:
            refusal = error
    return show(
        request,
        "finops/advice.html",
        _("Sizes of %(instance)s") % {"instance": identifier},
        advice=advice,
        rows=make_advice_rows(advice),
        saving=format_signed_money(None if advice.saving is None else -advice.saving, advice.currency),
        refusal=refusal,
        may_ask=may_ask(request.user, OperationKind.RESIZE) and advice.is_change,
        key=secrets.token_urlsafe(16),
    )


def show_what_if(request: HttpRequest) -> HttpResponse:
    """Show every scenario beside the fleet as it is now, with the parameters that were asked."""
    check_permission(request)
    context = list_scenarios(request.GET.dict(), now=timezone.now())
    plans = list(Plan.objects.order_by("name").values_list("name", flat=True))
    sheets = list(PriceSheet.objects.order_by("name").values_list("name", flat=True).distinct())
    return show(request, "finops/what_if.html", _("What if…"), plans=plans, sheets=sheets, **context)
