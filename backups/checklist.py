"""The production checklist of backups, answered from what is known, yes or no and why: for each parish, and for the
whole installation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from backups.facts import list_freshness
from backups.freshness import Level
from backups.models import Backup, BackupState
from backups.policies import find_policies
from backups.retention import decide_for, list_runs
from backups.volumes import list_volume_notes
from operations.pulse import read_pulses
from tenants.models import Instance

# A restore is to be proven at least so often, and what a policy lets go to be gone after so long.
PROVEN_WITHIN = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One question of the list about one instance. `code` names it for programs; `detail`: a sentence."""

    code: str
    question: str
    is_met: bool
    detail: str


# (instance, now) -> the answer of another app, about remote copies for example.
Question = Callable[[Instance, datetime], Answer]
_questions: list[Question] = []


def register_question(question: Question) -> None:
    """Have another app's question on the list; registered twice, it is asked once."""
    if question not in _questions:
        _questions.append(question)


# (now) -> answers about all of it at once: keys, the manager's archive, what people note.
FleetQuestions = Callable[[datetime], list[Answer]]
_fleet_questions: list[FleetQuestions] = []
# When something last asked backup_check: without that nobody is alerted.
CHECK_PULSE = "backup_check"
ASKED_WITHIN = timedelta(hours=24)


def register_fleet_questions(questions: FleetQuestions) -> None:
    """Have questions about the whole installation on the list; registered twice, they are asked once."""
    if questions not in _fleet_questions:
        _fleet_questions.append(questions)


def answer_for_all(*, now: datetime) -> list[Answer]:
    """Return the answers about the whole installation."""
    asked_at = read_pulses().get(CHECK_PULSE)
    alerts = Answer(
        code="alerts_arrive",
        question=_("Does something ask whether all is well, so that alerts arrive?"),
        is_met=asked_at is not None and abs(now - asked_at) <= ASKED_WITHIN,
        detail=_("backup_check was last asked on %(time)s") % {"time": _write(asked_at)},
    )
    return [alerts, *(answer for questions in _fleet_questions for answer in questions(now))]


def answer_checklist(*, tenant: str | None = None, now: datetime) -> dict[str, list[Answer]]:
    """Return the answers for each production instance that has data, by identifier. Raise NotFound for a parish that
    does not exist."""
    levels = {freshness.instance: freshness for _slug, freshness in list_freshness(tenant=tenant, now=now)}
    rows = list(Instance.objects.filter(identifier__in=list(levels)).select_related("plan").order_by("identifier"))
    policies = find_policies(rows)
    answers: dict[str, list[Answer]] = {}
    for row in rows:
        policy, freshness = policies[row.pk], levels[row.identifier]
        next_run = next(list_runs(row, policy, now=now), None)
        going = [one for one in decide_for(row, policy.make_rule(), now=now) if not one.keep]
        notes = list_volume_notes(row)
        answers[row.identifier] = [
            Answer(
                code="automatic_backups",
                question=_("Are backups automatic?"),
                is_met=settings.NIGHTLY_BACKUPS and next_run is not None,
                detail=_("policy %(policy)s, next on %(time)s") % {"policy": policy.name, "time": _write(next_run)},
            ),
            Answer(
                code="age_watched",
                question=_("Is the last good one young enough?"),
                is_met=freshness.level is Level.OK,
                detail="; ".join(freshness.reasons),
            ),
            Answer(
                code="retention_applied",
                question=_("Is retention applied?"),
                is_met=settings.PRUNING,
                detail=_("sets that are about to go: %(count)s") % {"count": len(going)},
            ),
            Answer(
                code="room",
                question=_("Is there room for what the policy keeps?"),
                is_met=not notes,
                detail=" ".join(notes) or _("yes"),
            ),
            _answer_proof(row, now=now),
            *(question(row, now) for question in _questions),
        ]
    return answers


def checklist_as_dict(answers: dict[str, list[Answer]], for_all: Sequence[Answer] = ()) -> list[dict[str, Any]]:
    """Return the answers as documents show them; `for_all`: of the whole installation, without an instance."""
    groups: list[tuple[str | None, Sequence[Answer]]] = [(None, for_all), *answers.items()]
    return [
        {
            "instance": instance,
            "code": answer.code,
            "question": answer.question,
            "met": answer.is_met,
            "detail": answer.detail,
        }
        for instance, group in groups
        for answer in group
    ]


def is_all_met(answers: dict[str, list[Answer]], for_all: Sequence[Answer] = ()) -> bool:
    """Return whether every question is answered with yes."""
    return all(answer.is_met for group in (for_all, *answers.values()) for answer in group)


def _answer_proof(instance: Instance, *, now: datetime) -> Answer:
    proven = Backup.objects.filter(instance=instance, state=BackupState.GOOD, proven_at__isnull=False)
    last = proven.order_by("-proven_at").values_list("proven_at", flat=True).first()
    return Answer(
        code="restore_proven",
        question=_("Was a restore proven within 31 days?"),
        is_met=last is not None and now - last <= PROVEN_WITHIN,
        detail=_("last on %(time)s") % {"time": _write(last)} if last else _("never"),
    )


def _write(moment: datetime | None) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "–"
