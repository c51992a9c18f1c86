"""The page of a namespace or volume without an Instance row: what it is, and, its name typed, the end of it."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.presentation import format_time
from clusters.kinds.removal import REMOVE
from clusters.unowned import MOST_NAMED, Holding, look_at
from domain.errors import CiviparoisseError, NotFound
from domain.fleet import RemovableKind
from finops.wording.formats import format_bytes
from finops.wording.words import word_component
from operations.confirmation import refuse_unconfirmed
from operations.engine_objects import EngineObject
from operations.permissions import SEE_COSTS, may_ask, require, require_kind
from operations.requests import request_operation
from operations.subjects import ENGINE, VOLUME

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
    """Show what is there; on POST with its name typed again, ask for its removal and follow it. Raise PermissionDenied,
    Http404."""
    require(request.user, SEE_COSTS)
    if request.method == "POST":
        require_kind(request.user, REMOVE.code)
    if thing not in list(RemovableKind):
        raise Http404
    subject = EngineObject(engine=engine, thing=RemovableKind(thing), name=name)
    facts, refusal = [], None
    try:
        # Looked at first: what is refused to be removed is shown all the same.
        facts = _list_facts(subject, look_at(subject))
        if request.method == "POST":
            return _begin(request, subject)
    except NotFound as error:
        raise Http404 from error
    except CiviparoisseError as error:
        refusal = error
    context = {
        "title": _("%(name)s on %(engine)s") % {"name": name, "engine": engine},
        "subtitle": None,
        "name": name,
        "explanation": EXPLANATIONS[subject.thing],
        "warning": WARNINGS[subject.thing],
        "facts": facts,
        "refusal": refusal,
        "may_remove": may_ask(request.user, REMOVE.code) and bool(facts),
    }
    return TemplateResponse(request, "clusters/removal.html", {**admin.site.each_context(request), **context})


def _begin(request: HttpRequest, subject: EngineObject) -> HttpResponse:
    confirm = request.POST.get("confirm", "").strip()
    parameters = {ENGINE: subject.engine, VOLUME: subject.thing is RemovableKind.VOLUME, "confirm": confirm}
    refuse_unconfirmed(REMOVE.code, subject.name, parameters)
    operation = request_operation(
        kind=REMOVE.code,
        instance=subject,
        requested_by=request.user.get_username(),
        person=request.user,
        parameters=parameters,
    )
    messages.success(request, _("Asked: %(kind)s. This page follows it.") % {"kind": operation.get_kind_display()})
    return redirect("admin:operations_operation_change", operation.pk)


def _list_facts(subject: EngineObject, holding: Holding) -> list[tuple[str, Any]]:
    if subject.thing is RemovableKind.VOLUME:
        (volume,) = holding.volumes
        return [
            (_("Left by"), f"{volume.instance} ({word_component(volume.claim)})"),
            (_("Size"), format_bytes(volume.capacity_bytes)),
            (_("Storage class"), volume.storage_class or _("none")),
            (_("Reclaim policy"), volume.reclaim_policy),
            (_("Made"), "?" if volume.created_at is None else format_time(volume.created_at)),
        ]
    running = ", ".join(word_component(pod.component) for pod in holding.pods)
    volumes = ", ".join(word_component(volume.claim or volume.name) for volume in holding.volumes)
    backups = ", ".join(sorted(holding.backup_ids, reverse=True)[:MOST_NAMED])
    return [
        (_("Running"), running or _("nothing")),
        (_("Volumes"), f"{volumes} ({format_bytes(holding.capacity_bytes)})" if volumes else _("nothing")),
        (_("Backups"), f"{len(holding.backup_ids)} ({backups})" if backups else _("nothing")),
    ]
