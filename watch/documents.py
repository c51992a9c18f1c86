"""Problems and recipients as JSON, for commands and REST; found by what names them."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from domain.errors import CiviparoisseError
from watch.models import Problem, Recipient
from watch.notices.texts import describe_problem


def list_problems(*, tenant: str | None = None, ended: bool = False) -> QuerySet[Problem]:
    """Return what stands, the worst and oldest first; with `ended` what has ended, the last first."""
    rows = Problem.objects.filter(open_key__isnull=ended)
    if tenant is not None:
        rows = rows.filter(tenant=tenant)
    # "critical" comes before "warning" in the alphabet too.
    return rows.order_by("-ended_at", "-pk") if ended else rows.order_by("level", "since", "pk")


def get_problem(number: int) -> Problem:
    """Return a problem. Raise CiviparoisseError `problem_unknown`."""
    problem = Problem.objects.filter(pk=number).first()
    if problem is None:
        raise CiviparoisseError("problem_unknown", problem=number)
    return problem


def problem_as_dict(problem: Problem) -> dict[str, Any]:
    """Return a problem for programs, with who is at it."""
    until = problem.acknowledged_until
    return {
        **describe_problem(problem),
        "acknowledged_until": until.isoformat() if until else None,
        "acknowledged_by": problem.acknowledged_by or None,
        "acknowledged_why": problem.acknowledged_why or None,
    }


def list_recipients() -> QuerySet[Recipient]:
    """Return who is told, each with the number of messages that were tried and have not arrived (`waiting`)."""
    late = Q(messages__sent_at=None, messages__given_up_at=None, messages__tries__gt=0)
    return Recipient.objects.annotate(waiting=Count("messages", filter=late)).order_by("name")


def get_recipient(name: str) -> Recipient:
    """Return a recipient as `list_recipients` does. Raise CiviparoisseError `recipient_unknown`."""
    recipient = list_recipients().filter(name=name).first()
    if recipient is None:
        raise CiviparoisseError("recipient_unknown", recipient=name)
    return recipient


def recipient_as_dict(recipient: Any) -> dict[str, Any]:
    """Return a recipient without its secret."""
    return {
        "name": recipient.name,
        "kind": recipient.kind,
        "address": recipient.address,
        "active": recipient.is_active,
        "least_level": recipient.least_level,
        "checks": recipient.checks,
        "tenants": recipient.tenants,
        "digest": recipient.has_digest,
        "waiting": getattr(recipient, "waiting", 0),
    }
