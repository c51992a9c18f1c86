"""The pages on which a parish asks: four questions for an earlier moment, one page for everything else."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.choices import BackupScope
from backups.models import Backup
from domain.errors import CiviparoisseError
from domain.parish_requests import FETCHED, Cause, RequestScope, Wish
from parish_requests.asking import begin_request, show_preview, submit_request
from parish_requests.choices import Cause as CauseWords
from parish_requests.choices import RequestScope as ScopeWords
from parish_requests.models import RestoreRequest
from parish_requests.moments import Moment, list_moments
from parish_requests.preview import changes_data
from parish_requests.wording import WHY_LENGTH
from parish_site.answers import SHOW_FIRST, Answers, list_extents, propose_extent, propose_moment, read_answers
from parish_site.calendar_days import group_by_month
from parish_site.doorway import Visit, door_page, show_page
from parish_site.site_state import find_site
from tenants.models import Instance

# Asked for on one page. Title, what happens then, and what is asked.
OTHERS: Mapping[str, tuple[Any, Any, Any]] = {
    Wish.BACKUP.value: (
        gettext_lazy("A backup now"),
        gettext_lazy("Before a large import, for example. Your site goes on working meanwhile."),
        gettext_lazy("What is it for? (You need not say.)"),
    ),
    Wish.PRACTICE.value: (
        gettext_lazy("A copy to practise on"),
        gettext_lazy(
            "A copy of your site as it was saved last, for seven days. It sends no mail; what you do there changes "
            "nothing of your site. Its address comes by mail."
        ),
        gettext_lazy("What is it for? (You need not say.)"),
    ),
    Wish.DOWNLOAD.value: (
        gettext_lazy("Our data as a file"),
        gettext_lazy(
            "All your data, sealed, so that you alone open it. Once UEPAL has approved it you fetch it here, within "
            "seven days."
        ),
        gettext_lazy("What is it for? (You need not say.)"),
    ),
    Wish.HELP.value: (
        gettext_lazy("Help"),
        gettext_lazy("Something else, or you are not sure: UEPAL reads it and answers by mail."),
        gettext_lazy("What is it about?"),
    ),
}


@door_page("GET")
def ask_cause(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Question 1: what happened; and, beside it, what else there is to ask for."""
    _require_asker(visit)
    answers = read_answers(request.GET, [])
    return _show_cause(request, visit, answers)


@door_page("GET")
def ask_moment(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Question 2: which moment; one is proposed by what happened."""
    moments, answers = _read(request.GET, visit)
    if not answers.cause:
        return _show_cause(request, visit, answers, question=_("What happened?"))
    return _show_moment(request, visit, answers, moments)


@door_page("GET")
def ask_extent(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Question 3: how much, or to be shown it first."""
    moments, answers = _read(request.GET, visit)
    if not answers.cause:
        return _show_cause(request, visit, answers, question=_("What happened?"))
    if answers.moment is None:
        return _show_moment(request, visit, answers, moments, question=_("To which moment?"))
    return _show_extent(request, visit, answers)


@door_page("GET", "POST")
def ask_why(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Question 4: why, in their words; then the request is written, and shown with what it would change."""
    given = request.POST if request.method == "POST" else request.GET
    moments, answers = _read(given, visit)
    if not answers.cause:
        return _show_cause(request, visit, answers, question=_("What happened?"))
    if answers.moment is None:
        return _show_moment(request, visit, answers, moments, question=_("To which moment?"))
    if not answers.extent:
        return _show_extent(request, visit, answers, question=_("How much?"))
    if answers.needs_part:
        return HttpResponseRedirect(f"{reverse('door-find')}?{answers.query}")
    error = None
    if request.method == "POST":
        try:
            return _begin(
                visit,
                find_own_site(visit),
                answers.wish,
                why=given.get("why", ""),
                cause=answers.cause,
                scope=answers.scope,
                part=answers.part,
                backup=answers.moment.backup,
            )
        except CiviparoisseError as refused:
            error = refused
    context: dict[str, Any] = {"answers": answers, "why": given.get("why", ""), "most": WHY_LENGTH}
    context["needs_why"] = answers.wish == Wish.RESTORE
    return show_page(request, "why.html", visit, error=error, **context)


@door_page("GET", "POST")
def ask_other(request: HttpRequest, visit: Visit, wish: str) -> HttpResponse:
    """Ask for something else: a backup, a copy, the data, help. Nothing is lost by it: it is sent at once."""
    if wish not in OTHERS:
        raise Http404
    instance, why, error = find_own_site(visit), request.POST.get("why", ""), None
    is_sealed, recipient = wish in FETCHED, request.POST.get("recipient", "").strip()
    moments = [one for one in list_moments(instance) if one.holds == BackupScope.FULL] if is_sealed else []
    chosen = next((one for one in moments if one.backup.backup_id == request.POST.get("moment")), None)
    if request.method == "POST":
        try:
            backup = chosen.backup if chosen else None
            return _begin(visit, instance, Wish(wish), why=why, backup=backup, recipient=recipient if is_sealed else "")
        except CiviparoisseError as refused:
            error = refused
    title, told, question = OTHERS[wish]
    context: dict[str, Any] = {"title": title, "told": told, "question": question, "why": why, "most": WHY_LENGTH}
    context |= {"needs_why": wish == Wish.HELP, "is_sealed": is_sealed, "recipient": recipient}
    context |= {"moments": [one for one in moments if not one.why_not], "moment": request.POST.get("moment", "")}
    return show_page(request, "other.html", visit, error=error, **context)


def find_own_site(visit: Visit) -> Instance:
    """Return the site of who is in. Raise CiviparoisseError `contact_may_not_ask`, or Http404 where there is none."""
    _require_asker(visit)
    instance = find_site(visit.tenant)
    if instance is None:
        raise Http404
    return instance


def send_or_show(request: RestoreRequest, visit: Visit) -> HttpResponse:
    """Send a draft by which nothing is lost; of one that replaces data show first what it would change."""
    if changes_data(request):
        show_preview(request, actor=visit.actor, now=visit.now)
    else:
        submit_request(request, actor=visit.actor, now=visit.now)
    return HttpResponseRedirect(reverse("door-request", args=[request.reference]))


def _begin(
    visit: Visit,
    instance: Instance,
    wish: Wish,
    *,
    why: str,
    cause: str = Cause.OTHER.value,
    scope: RequestScope = RequestScope.EVERYTHING,
    part: str = "",
    backup: Backup | None = None,
    recipient: str = "",
) -> HttpResponse:
    request = begin_request(
        instance=instance,
        wish=wish,
        actor=visit.actor,
        contact=visit.person,
        cause=cause,
        scope=scope,
        part=part,
        backup=backup,
        why=why,
        recipient=recipient,
        now=visit.now,
    )
    return send_or_show(request, visit)


def _read(given: Mapping[str, str], visit: Visit) -> tuple[list[Moment], Answers]:
    moments = list_moments(find_own_site(visit), now=visit.now)
    return moments, read_answers(given, moments)


def _require_asker(visit: Visit) -> None:
    if not visit.person.may_ask:
        raise CiviparoisseError("contact_may_not_ask")


def _refuse(question: str) -> CiviparoisseError | None:
    return CiviparoisseError("door_choice_invalid", question=question) if question else None


def _show_cause(request: HttpRequest, visit: Visit, answers: Answers, *, question: str = "") -> HttpResponse:
    context: dict[str, Any] = {"answers": answers, "causes": CauseWords.choices, "others": OTHERS.items()}
    return show_page(request, "cause.html", visit, error=_refuse(question), **context)


def _show_moment(
    request: HttpRequest, visit: Visit, answers: Answers, moments: list[Moment], *, question: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {"answers": answers, "groups": group_by_month(moments)}
    context["proposed"] = propose_moment(answers, moments)
    return show_page(request, "moment.html", visit, error=_refuse(question), **context)


def _show_extent(request: HttpRequest, visit: Visit, answers: Answers, *, question: str = "") -> HttpResponse:
    assert answers.moment is not None
    words = {**dict(ScopeWords.choices), SHOW_FIRST: _("show it to me first")}
    hints = {
        RequestScope.EVERYTHING.value: _("The data and the files: all is as it was then."),
        RequestScope.DATA.value: _("Contacts, contributions, events, pages; files that were uploaded stay."),
        RequestScope.FILES.value: _("Documents and pictures; contacts, contributions and pages stay."),
        RequestScope.PART.value: _("You look for it by its name on the next page; all else stays."),
        SHOW_FIRST: _(
            "A copy as it was then, for seven days; nothing of your site changes. If you are not sure: this."
        ),
    }
    extents = [(value, words[value], hints[value]) for value in list_extents(answers.moment)]
    context: dict[str, Any] = {"answers": answers, "extents": extents, "proposed": propose_extent(answers)}
    return show_page(request, "extent.html", visit, error=_refuse(question), **context)
