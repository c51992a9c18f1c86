"""What only people know of the production checklist: who was trained, when the procedure was printed, when the drill
passed. They note it with a day and names; each is good for a year."""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.checklist import Answer
from backups.models import ChecklistNote
from domain.errors import InvalidValue

log = logging.getLogger("backups")

# Code -> its question.
NOTED: dict[str, Any] = {
    "people_trained": gettext_lazy("Were people trained to restore, within a year?"),
    "procedure_printed": gettext_lazy("Was the procedure for a disaster printed, within a year?"),
    "drill_passed": gettext_lazy("Was the drill of a disaster passed, within a year?"),
}
GOOD_FOR = timedelta(days=365)
NAMES_LENGTH = 400


def note_done(code: str, *, day: date, names: str, requested_by: str, now: datetime) -> ChecklistNote:
    """Note that it was done on that day, by those people. Raise InvalidValue."""
    names = names.strip()
    if code not in NOTED:
        raise InvalidValue(field="code", reason=_("give one of %(names)s.") % {"names": ", ".join(NOTED)})
    if not 0 < len(names) <= NAMES_LENGTH or not names.isprintable():
        reason = _("say who, in one line of at most %(length)s characters.") % {"length": NAMES_LENGTH}
        raise InvalidValue(field="names", reason=reason, well_formed=True)
    if day > localtime(now).date():
        raise InvalidValue(field="day", reason=_("that day is yet to come."), well_formed=True)
    note = ChecklistNote.objects.create(code=code, day=day, names=names, noted_by=requested_by[:150])
    log.info("checklist: %s on %s noted by %s", code, day, requested_by)
    return note


def answer_notes(now: datetime) -> list[Answer]:
    """Answer the questions that only people can, from the newest day noted of each."""
    today = localtime(now).date()
    answers = []
    for code, question in NOTED.items():
        last = ChecklistNote.objects.filter(code=code).order_by("-day", "-pk").first()
        detail = _("never noted")
        if last is not None:
            names = {"day": date_format(last.day, "SHORT_DATE_FORMAT"), "who": last.names, "by": last.noted_by}
            detail = _("on %(day)s: %(who)s (noted by %(by)s)") % names
        is_met = last is not None and today - last.day <= GOOD_FOR
        answers.append(Answer(code=code, question=str(question), is_met=is_met, detail=detail))
    return answers
