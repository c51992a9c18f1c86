"""The page of something nobody's: what it is, and, typed once more, the end of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.presentation import format_time
from domain.errors import CiviparoisseError, NotFound
from domain.fleet import RemovableKind
from finops.pages.frame import check_permission, show
from finops.strays import Stray, continue_removal, look_at_stray, remove_stray
from finops.wording.formats import format_bytes
from finops.wording.words import word_component
from operations.permissions import REMOVE_STRAY, may, require

MOST_NAMED = 20
EXPLANATIONS = {
    RemovableKind.INSTANCE: gettext_lazy(
        "No instance of this manager has this name. It is there all the same, and is paid for."
    ),
    RemovableKind.VOLUME: gettext_lazy("An instance left this volume. Nothing uses it any more, and it is paid for."),
}
WARNINGS = {
    RemovableKind.INSTANCE: gettext_lazy("Removed are what runs, the volumes and the backups, for good."),
    RemovableKind.VOLUME: gettext_lazy(
        "Removed are the volume, its storage at the provider and all that is in it, for good."
    ),
}


def ask_removal(request: HttpRequest, engine: str, thing: str, name: str) -> HttpResponse:
    """Show what is there; on POST with its name typed again, remove it. Raise PermissionDenied, Http404."""
    check_permission(request)
    if request.method == "POST":
        require(request.user, *REMOVE_STRAY)
    may_remove = may(request.user, *REMOVE_STRAY)
    facts, refusal = [], None
    if thing not in list(RemovableKind):
        raise Http404
    kind = RemovableKind(thing)
    try:
        # Looked at first: what is refused to be removed is shown all the same.
        facts = _list_facts(look_at_stray(engine, kind, name))
        if request.method == "POST":
            return _remove(request, engine, kind, name)
    except NotFound as error:
        raise Http404 from error
    except CiviparoisseError as error:
        refusal = error
    title = _("%(name)s on %(engine)s") % {"name": name, "engine": engine}
    return show(
        request,
        "finops/stray.html",
        title,
        name=name,
        explanation=EXPLANATIONS[kind],
        warning=WARNINGS[kind],
        facts=facts,
        refusal=refusal,
        may_remove=may_remove and bool(facts),
    )


def _remove(request: HttpRequest, engine: str, thing: RemovableKind, name: str) -> HttpResponse:
    confirm = request.POST.get("confirm", "").strip()
    stray = remove_stray(engine, thing, name, confirm=confirm, requested_by=request.user.get_username())
    if continue_removal(stray):
        messages.info(request, _("%(what)s is being removed; it is listed until it is gone.") % {"what": name})
    else:
        messages.success(request, _("Removed: %(what)s.") % {"what": name})
    return redirect("finops_savings")


def _list_facts(stray: Stray) -> list[tuple[str, Any]]:
    if stray.thing is RemovableKind.VOLUME:
        (volume,) = stray.volumes
        return [
            (_("Left by"), f"{volume.instance} ({word_component(volume.claim)})"),
            (_("Size"), format_bytes(volume.capacity_bytes)),
            (_("Storage class"), volume.storage_class or _("none")),
            (_("Reclaim policy"), volume.reclaim_policy),
            (_("Made"), "?" if volume.created_at is None else format_time(volume.created_at)),
        ]
    running = ", ".join(word_component(pod.component) for pod in stray.pods)
    volumes = ", ".join(word_component(volume.claim or volume.name) for volume in stray.volumes)
    backups = ", ".join(sorted(stray.backup_ids, reverse=True)[:MOST_NAMED])
    return [
        (_("Running"), running or _("nothing")),
        (_("Volumes"), f"{volumes} ({format_bytes(stray.capacity_bytes)})" if volumes else _("nothing")),
        (_("Backups"), f"{len(stray.backup_ids)} ({backups})" if backups else _("nothing")),
    ]
