"""The production checklist as a page: it answers itself, and takes the days and names that only people know."""

from datetime import date

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.checklist import answer_checklist, answer_for_all
from backups.checklist_notes import NAMES_LENGTH, NOTED, note_done
from civiparoisse.admin_base import show_refusal
from domain.errors import CiviparoisseError
from operations.permissions import may, require
from tenants.models import Tenant

SEE = "backups.view_backup"
NOTE = "backups.add_checklistnote"


class NoteForm(forms.Form):
    """That something was done, when and by whom."""

    code = forms.ChoiceField(label=gettext_lazy("What was done"), choices=list(NOTED.items()))
    day = forms.DateField(label=gettext_lazy("On"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    names = forms.CharField(label=gettext_lazy("Who"), max_length=NAMES_LENGTH)


def show_checklist(request: HttpRequest) -> HttpResponse:
    """Return the page; with ?parish=SLUG of that parish alone. A POST notes what people did."""
    require(request.user, SEE)
    form = NoteForm(initial={"day": date.today()})
    if request.method == "POST":
        require(request.user, NOTE)
        form = NoteForm(request.POST)
        if form.is_valid() and _note(request, form):
            return redirect(reverse("checklist"))
    now, slug = timezone.now(), request.GET.get("parish") or None
    try:
        answers = answer_checklist(tenant=slug, now=now)
    except CiviparoisseError as error:
        show_refusal(request, error)
        return redirect(reverse("checklist"))
    for_all = [] if slug else answer_for_all(now=now)
    open_count = sum(not answer.is_met for group in (for_all, *answers.values()) for answer in group)
    context = {
        **admin.site.each_context(request),
        "title": _("Production checklist"),
        "for_all": for_all,
        "groups": sorted(answers.items(), key=lambda pair: (all(answer.is_met for answer in pair[1]), pair[0])),
        "open_count": open_count,
        "parishes": Tenant.objects.order_by("name").values_list("slug", "name"),
        "slug": slug or "",
        "form": form if may(request.user, NOTE) else None,
    }
    return render(request, "backups/checklist.html", context)


def _note(request: HttpRequest, form: NoteForm) -> bool:
    """Note what the form says; return whether it was taken, and say why not on the page."""
    person = f"admin:{request.user.get_username()}"
    values = form.cleaned_data
    try:
        note_done(values["code"], day=values["day"], names=values["names"], requested_by=person, now=timezone.now())
    except CiviparoisseError as error:
        show_refusal(request, error)
        return False
    return True
