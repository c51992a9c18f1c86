"""Problems and recipients as JSON, for commands and REST; found by what names them."""

from django.db.models import Count, Q, QuerySet
from rest_framework import serializers

from civiparoisse.document_fields import Document, TimeField
from domain.errors import CiviparoisseError
from watch.models import LEVELS, Problem, Recipient, RecipientKind
from watch.notices.texts import get_link


class NoticeSerializer(Document):
    """A problem as programs are told of it: `check` and `subject` are stable, texts are as people were told. `tenant`:
    null when it is of none; `link`: null where the service does not know its own address."""

    id = serializers.IntegerField(source="pk")
    check = serializers.CharField(source="check_code")
    subject = serializers.CharField(allow_blank=True)
    tenant = serializers.SerializerMethodField()
    name = serializers.CharField(allow_blank=True)
    level = serializers.ChoiceField(choices=LEVELS)
    title = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)
    since = TimeField()
    ended_at = TimeField(allow_null=True)
    link = serializers.SerializerMethodField()

    def get_tenant(self, problem: Problem) -> str | None:
        """Return the parish's slug."""
        return problem.tenant or None

    def get_link(self, problem: Problem) -> str | None:
        """Return the page where it is shown."""
        return get_link(problem) or None


class ProblemSerializer(NoticeSerializer):
    """A problem with who is at it; null where nobody is."""

    acknowledged_until = TimeField(allow_null=True)
    acknowledged_by = serializers.SerializerMethodField()
    acknowledged_why = serializers.SerializerMethodField()

    def get_acknowledged_by(self, problem: Problem) -> str | None:
        """Return who is at it."""
        return problem.acknowledged_by or None

    def get_acknowledged_why(self, problem: Problem) -> str | None:
        """Return what is done about it."""
        return problem.acknowledged_why or None


class RecipientSerializer(Document):
    """Who is told of what, without the secret. `waiting`: messages that were tried and have not arrived."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=RecipientKind.choices)
    address = serializers.CharField()
    active = serializers.BooleanField(source="is_active")
    least_level = serializers.ChoiceField(choices=LEVELS)
    checks = serializers.ListField(child=serializers.CharField())
    tenants = serializers.ListField(child=serializers.CharField())
    digest = serializers.BooleanField(source="has_digest")
    waiting = serializers.IntegerField(default=0)


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
