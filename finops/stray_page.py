"""The page of something nobody's: what it is, and, typed once more, the end of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError, NotFound
from finops.formats import format_bytes
from finops.frame import check_permission, show
from finops.words import word_component
from operations.strays import Stray, look_at_stray, remove_stray

MAY_REMOVE = ("operations.add_operation", "tenants.delete_instance")
MOST_NAMED = 20


def ask_removal(request: HttpRequest, engine: str, name: str) -> HttpResponse:
    """Show what is there; on POST with its name typed again, remove it. Raise PermissionDenied, Http404."""
    check_permission(request)
    may_remove = request.user.has_perms(MAY_REMOVE)
    facts, refusal = [], None
    try:
        # Looked at first: what is refused to be removed is shown all the same.
        facts = _list_facts(look_at_stray(engine, name))
        if request.method == "POST":
            if not may_remove:
                raise PermissionDenied
            return _remove(request, engine, name)
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
        facts=facts,
        refusal=refusal,
        may_remove=may_remove and bool(facts),
    )


def _remove(request: HttpRequest, engine: str, name: str) -> HttpResponse:
    confirm = request.POST.get("confirm", "").strip()
    remove_stray(engine, name, confirm=confirm, requested_by=request.user.get_username())
    messages.success(request, _("Removed: %(what)s.") % {"what": name})
    return redirect("finops_savings")


def _list_facts(stray: Stray) -> list[tuple[str, Any]]:
    running = ", ".join(word_component(pod.component) for pod in stray.pods)
    volumes = ", ".join(word_component(volume.claim or volume.name) for volume in stray.volumes)
    backups = ", ".join(sorted(stray.backup_ids, reverse=True)[:MOST_NAMED])
    return [
        (_("Running"), running or _("nothing")),
        (_("Volumes"), f"{volumes} ({format_bytes(stray.capacity_bytes)})" if volumes else _("nothing")),
        (_("Backups"), f"{len(stray.backup_ids)} ({backups})" if backups else _("nothing")),
    ]
