"""From the list of instances to a campaign over those that were chosen in it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from campaigns.selecting import SELECTABLE_KINDS
from tenants.models import Instance


@admin.action(description=gettext_lazy("As a campaign…"), permissions=["campaign"])
def begin_for_chosen(model_admin: Any, request: HttpRequest, queryset: QuerySet[Instance]) -> HttpResponse:
    """Ask what is to be done to the chosen instances. The place of a proof is none of them: the proof removes it."""
    rows = queryset.filter(kind__in=SELECTABLE_KINDS).order_by("identifier")
    pages = model_admin.admin_site.get_model_admin(Campaign)
    answer: HttpResponse = pages.begin_for(request, list(rows.values_list("identifier", flat=True)))
    return answer
