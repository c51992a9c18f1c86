"""Who has approved a request, who is still needed, and which limit asks for a second person."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civiparoisse.presentation import format_time
from domain.parish_requests import RequestState
from domain.states import InstanceState
from parish_requests.models import RequestRules, RestoreRequest
from parish_requests.preview_documents import compute_lost_percent
from parish_requests.selectors import get_rules


def describe_approvals(request: RestoreRequest) -> list[str]:
    """Return who has approved, and while it waits how many more persons are needed, and why more than one."""
    rows = list(request.approvals.all())
    told = [_("Approved by %(name)s on %(time)s.") % {"name": row.by, "time": format_time(row.at)} for row in rows]
    missing = request.approvals_needed - len(rows)
    if request.state != RequestState.SUBMITTED.value or request.approvals_needed < 2 or missing < 1:
        return told
    if rows:
        text = ngettext("%(count)s more person must approve it.", "%(count)s more persons must approve it.", missing)
        needed = text % {"count": missing}
    else:
        needed = _("%(count)s different persons must approve it.") % {"count": request.approvals_needed}
    return [*told, " ".join([needed, *list_reasons(request, get_rules())])]


def list_reasons(request: RestoreRequest, rules: RequestRules) -> list[str]:
    """Return which limits the request crosses, as of its preview."""
    if not request.preview:
        return [_("What would be lost is not known.")]
    percent = compute_lost_percent(request.preview)
    reasons = []
    if percent is None:
        reasons.append(_("What would be lost is not known."))
    elif 0 < percent >= rules.second_from_lost_percent:
        limit: dict[str, Any] = {"percent": percent, "limit": rules.second_from_lost_percent}
        reasons.append(_("%(percent)s %% of the contributions would be lost (limit: %(limit)s %%).") % limit)
    days = _count_days(request.preview, request.previewed_at)
    if days is not None and days >= rules.second_from_days:
        told = {"days": days, "limit": rules.second_from_days}
        reasons.append(_("The moment is %(days)s days old (limit: %(limit)s).") % told)
    if request.instance.state == InstanceState.FAILED:
        reasons.append(_("No safety copy can be made: the instance has failed."))
    return reasons


def _count_days(preview: dict[str, Any], compared_at: datetime | None) -> int | None:
    """Return how many whole days lie between the moment and the comparison; None where one is not known."""
    moment = preview.get("moment")
    return (compared_at - datetime.fromisoformat(moment)).days if moment and compared_at else None
