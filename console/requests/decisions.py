"""What UEPAL may do with a request, each declared once: its button, its page, and the one function that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from console.requests.forms import AnswerForm, ApproveForm, FinishForm, NothingForm, QuestionForm, RefuseForm
from domain.parish_requests import Move, RequestState, list_before
from operations.permissions import may
from parish_requests.actors import Actor
from parish_requests.asking import answer_question, submit_request, withdraw_request
from parish_requests.deciding import (
    APPROVE,
    approve_request,
    ask_back,
    finish_by_hand,
    look_again,
    refuse_request,
    retry_request,
)
from parish_requests.models import RestoreRequest
from parish_requests.plans import BY_HAND

ENTER = "parish_requests.add_restorerequest"
CHANGE = "parish_requests.change_restorerequest"


@dataclass(frozen=True, kw_only=True)
class Doing:
    """Who does it, when, and what was typed."""

    person: User
    actor: Actor
    values: dict[str, Any]
    now: datetime

    @property
    def text(self) -> str:
        """The text that was typed."""
        return str(self.values["text"])


def _approve(request: RestoreRequest, doing: Doing) -> Any:
    return approve_request(
        request,
        person=doing.person,
        actor=doing.actor,
        not_before=doing.values["not_before"],
        seen_preview_sha256=doing.values["seen"],
        now=doing.now,
    )


def _ask_back(request: RestoreRequest, doing: Doing) -> Any:
    return ask_back(request, doing.text, person=doing.person, actor=doing.actor, now=doing.now)


def _refuse(request: RestoreRequest, doing: Doing) -> Any:
    return refuse_request(request, doing.text, person=doing.person, actor=doing.actor, now=doing.now)


def _retry(request: RestoreRequest, doing: Doing) -> Any:
    return retry_request(request, person=doing.person, actor=doing.actor, now=doing.now)


def _finish(request: RestoreRequest, doing: Doing) -> Any:
    return finish_by_hand(request, doing.text, person=doing.person, actor=doing.actor, now=doing.now)


def _look_again(request: RestoreRequest, doing: Doing) -> Any:
    return look_again(request, actor=doing.actor, now=doing.now)


def _send(request: RestoreRequest, doing: Doing) -> Any:
    return submit_request(request, actor=doing.actor, now=doing.now)


def _answer(request: RestoreRequest, doing: Doing) -> Any:
    return answer_question(request, doing.text, actor=doing.actor, now=doing.now)


def _withdraw(request: RestoreRequest, doing: Doing) -> Any:
    return withdraw_request(request, actor=doing.actor, now=doing.now)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One thing that is done with a request. `code`: in its address. `move`: what the states are in which it is
    possible, unless `states` says so. `heading`: of its page. `sentences`: what it means. `done`: what is told
    afterwards. `shows`: the preview and what would happen stand on its page. `by_hand`: only where people do it."""

    code: str
    move: Move
    permission: str
    button: Any
    heading: Any
    done: Any
    run: Callable[[RestoreRequest, Doing], Any]
    form: type[forms.Form] = NothingForm
    sentences: tuple[Any, ...] = ()
    states: frozenset[RequestState] = frozenset()
    shows: bool = False
    by_hand: bool = False
    is_main: bool = False
    is_dangerous: bool = False


DECISIONS = (
    Decision(
        code="approve",
        move=Move.APPROVE,
        permission=APPROVE,
        button=_("Approve…"),
        heading=_("Approve the request %(reference)s?"),
        done=_("Approved. What is still needed stands on this page."),
        run=_approve,
        form=ApproveForm,
        shows=True,
        is_main=True,
    ),
    Decision(
        code="ask-back",
        move=Move.ASK_BACK,
        permission=APPROVE,
        button=_("Ask something back…"),
        heading=_("Ask something back about %(reference)s"),
        done=_("The question is on its way. The request waits for the answer."),
        run=_ask_back,
        form=QuestionForm,
    ),
    Decision(
        code="look-again",
        move=Move.APPROVE,
        states=frozenset({RequestState.SUBMITTED, RequestState.QUESTION}),
        permission=APPROVE,
        button=_("Compare again…"),
        heading=_("Compare %(reference)s again?"),
        done=_("Compared again: what it would change is as of now."),
        run=_look_again,
        sentences=(
            _("What the moment holds is compared with what is there now; this takes some seconds."),
            _("Approvals of another result than the new one are taken away."),
        ),
    ),
    Decision(
        code="refuse",
        move=Move.REFUSE,
        permission=APPROVE,
        button=_("Refuse…"),
        heading=_("Refuse the request %(reference)s?"),
        done=_("Refused. The parish is told why."),
        run=_refuse,
        form=RefuseForm,
        sentences=(_("Nothing is changed on the instance. The parish may ask again."),),
        is_dangerous=True,
    ),
    Decision(
        code="send",
        move=Move.SUBMIT,
        permission=ENTER,
        button=_("Send the request…"),
        heading=_("Send the request %(reference)s?"),
        done=_("Sent. It waits for an answer of UEPAL."),
        run=_send,
        sentences=(_("It was begun and never sent. What it would change is compared first."),),
    ),
    Decision(
        code="answer",
        move=Move.ANSWER,
        permission=CHANGE,
        button=_("Enter the parish’s answer…"),
        heading=_("Enter the parish’s answer to %(reference)s"),
        done=_("The answer stands on the request, which waits for UEPAL again."),
        run=_answer,
        form=AnswerForm,
    ),
    Decision(
        code="retry",
        move=Move.RETRY,
        permission=APPROVE,
        button=_("Try again…"),
        heading=_("Try %(reference)s again?"),
        done=_("It is compared again, and waits for an approval as at first."),
        run=_retry,
        sentences=(
            _("What it would change is compared again."),
            _("It is then to be approved as at first; nothing begins before that."),
        ),
        is_main=True,
    ),
    Decision(
        code="finish",
        move=Move.FINISH,
        states=frozenset({RequestState.APPROVED, RequestState.SCHEDULED, RequestState.RUNNING}),
        by_hand=True,
        permission=APPROVE,
        button=_("Answer, it is done…"),
        heading=_("Answer to %(reference)s"),
        done=_("Done. The answer is on its way to the parish."),
        run=_finish,
        form=FinishForm,
        is_main=True,
    ),
    Decision(
        code="withdraw",
        move=Move.WITHDRAW,
        permission=CHANGE,
        button=_("Withdraw for the parish…"),
        heading=_("Withdraw %(reference)s for the parish?"),
        done=_("Withdrawn."),
        run=_withdraw,
        sentences=(
            _("Do so only where the parish has said that it does not want it any more."),
            _("Nothing is changed on the instance. The parish may ask again."),
        ),
    ),
)
BY_CODE = {decision.code: decision for decision in DECISIONS}


def is_possible(decision: Decision, request: RestoreRequest) -> bool:
    """Return whether the state of the request allows it."""
    if decision.by_hand and request.wish not in BY_HAND:
        return False  # the manager's operation finishes it
    return RequestState(request.state) in (decision.states or list_before(decision.move, request.wish))


def list_decisions(request: RestoreRequest, person: Any) -> list[Decision]:
    """Return what `person` may do with the request as it is now, in the order of its buttons."""
    return [one for one in DECISIONS if is_possible(one, request) and may(person, one.permission)]
