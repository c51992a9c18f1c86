"""What people may do with a campaign, each declared once: its button, its page, and the function that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.steering import (
    CHANGE,
    REASON_LENGTH,
    cancel_campaign,
    pause_campaign,
    resume_campaign,
    retry_failed,
    start_campaign,
    write_notes,
)
from civiparoisse.admin_base import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget
from domain.campaigns import CAMPAIGN_MOVES, NOTES_LENGTH, CampaignMove, CampaignState
from operations.permissions import may, may_ask


class NothingForm(forms.Form):
    """A step that asks for nothing."""


class ReasonForm(forms.Form):
    """Why, for those who read it later."""

    reason = forms.CharField(
        label=_("Why"), required=False, max_length=REASON_LENGTH, widget=UnfoldAdminTextInputWidget
    )


class NotesForm(forms.Form):
    """The notes as they shall be."""

    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=NOTES_LENGTH, widget=UnfoldAdminTextareaWidget(attrs={"rows": 8})
    )


@dataclass(frozen=True, kw_only=True)
class Doing:
    """Who does it, when, and what was typed."""

    person: User
    values: dict[str, Any]
    now: datetime

    @property
    def who(self) -> dict[str, Any]:
        """Who and when, as the functions take them."""
        return {"by": self.person.get_username(), "person": self.person, "now": self.now}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that is done with a campaign. `code`: in its address. `move`: what says in which states, None for all
    of them. `begins`: operations begin by it, so that it takes what their kind takes too. `heading`: of its page, with
    the campaign's name. `sentences`: what it means. `done`: what is told afterwards."""

    code: str
    move: CampaignMove | None
    button: Any
    heading: Any
    sentences: tuple[Any, ...]
    done: Any
    run: Callable[[Campaign, Doing], Campaign]
    form: type[forms.Form] = NothingForm
    begins: bool = False
    is_main: bool = False
    is_dangerous: bool = False

    def is_possible(self, campaign: Campaign, *, failed: int) -> bool:
        """Return whether the state of the campaign, of which so many have `failed`, allows it."""
        if self.move is CampaignMove.RETRY and not failed:
            return False
        return self.move is None or CampaignState(campaign.state) in CAMPAIGN_MOVES[self.move][0]

    def is_allowed(self, campaign: Campaign, person: Any) -> bool:
        """Return whether `person` may do it."""
        return may(person, CHANGE) and (not self.begins or may_ask(person, campaign.kind))


STEPS = (
    Step(
        code="start",
        move=CampaignMove.START,
        button=_("Start it…"),
        heading=_("Start the campaign “%(name)s”?"),
        sentences=(
            _("Its first wave begins as soon as its hours allow it."),
            _("The next wave begins once the one before it has ended well. It can be paused at any time."),
        ),
        done=_("Started. This page follows it."),
        run=lambda campaign, doing: start_campaign(campaign, **doing.who),
        begins=True,
        is_main=True,
    ),
    Step(
        code="resume",
        move=CampaignMove.RESUME,
        button=_("Go on…"),
        heading=_("Go on with the campaign “%(name)s”?"),
        sentences=(
            _("The next ones begin as soon as its hours allow it."),
            _("What has failed until now stays failed, and does not count for its stop rule any more."),
        ),
        done=_("It goes on."),
        run=lambda campaign, doing: resume_campaign(campaign, **doing.who),
        begins=True,
        is_main=True,
    ),
    Step(
        code="retry",
        move=CampaignMove.RETRY,
        button=_("Try what failed again…"),
        heading=_("Try what failed in “%(name)s” again?"),
        sentences=(
            _("Each instance that failed gets another turn, with the same choices."),
            _("A campaign that had ended or was paused goes on."),
        ),
        done=_("What failed gets another turn."),
        run=lambda campaign, doing: retry_failed(campaign, **doing.who),
        begins=True,
    ),
    Step(
        code="pause",
        move=CampaignMove.PAUSE,
        button=_("Pause it…"),
        heading=_("Pause the campaign “%(name)s”?"),
        sentences=(_("Nothing more begins. What runs goes on to its end."),),
        done=_("Paused."),
        run=lambda campaign, doing: pause_campaign(campaign, reason=doing.values["reason"], **doing.who),
        form=ReasonForm,
    ),
    Step(
        code="cancel",
        move=CampaignMove.CANCEL,
        button=_("Cancel it…"),
        heading=_("Cancel the campaign “%(name)s”?"),
        sentences=(
            _("Nothing more begins, and it cannot be taken up again. What runs goes on to its end."),
            _("What is done stays done: nothing is taken back."),
        ),
        done=_("Cancelled. What runs goes on to its end."),
        run=lambda campaign, doing: cancel_campaign(campaign, **doing.who),
        is_dangerous=True,
    ),
    Step(
        code="notes",
        move=None,
        button=_("Write notes…"),
        heading=_("Notes of the campaign “%(name)s”"),
        sentences=(_("For those who look after it, and for its report."),),
        done=_("Noted."),
        run=lambda campaign, doing: write_notes(campaign, doing.values["notes"], **doing.who),
        form=NotesForm,
    ),
)
BY_CODE = {step.code: step for step in STEPS}


def list_steps(campaign: Campaign, person: Any, *, failed: int) -> list[Step]:
    """Return what `person` may do with the campaign as it is now, in the order of its buttons."""
    return [step for step in STEPS if step.is_possible(campaign, failed=failed) and step.is_allowed(campaign, person)]
