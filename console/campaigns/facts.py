"""What the page of a campaign shows: how far it is, what failed, its waves as a picture, its history."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.choices import MemberState as MemberWords
from campaigns.models import Campaign, CampaignEvent
from campaigns.reporting import CampaignReport, Cell, Wave, describe_campaign
from civiparoisse.presentation import NOTHING, format_duration, format_time
from console.campaigns.columns import (
    COUNTED,
    MEMBER_COLOURS,
    SIGNS,
    make_campaign_badge,
    make_share,
    word_kind,
)
from console.campaigns.steps import list_steps
from console.campaigns.wording import (
    word_calendar,
    word_event,
    word_parameters,
    word_selection,
    word_stop_rule,
    word_waves,
)
from domain.campaigns import CampaignState, MemberState
from operations.permissions import SEE_OPERATIONS, may

SHOWN_FAILURES = 20
SHOWN_LEFT_OUT = 100
SHOWN_EVENTS = 50
# Above so many the cells say no names, only their signs; above the other number the rest of a wave is a number.
MOST_NAMED = 24
MOST_CELLS = 600
MOVING = frozenset({CampaignState.RUNNING.value, CampaignState.PAUSED.value, CampaignState.CANCELLING.value})


def describe_page(http: HttpRequest, campaign: Campaign, *, now: Any) -> dict[str, Any]:
    """Return what the page shows: as many queries for a large campaign as for a small one."""
    report = describe_campaign(campaign, now=now)
    sees_operations = may(http.user, SEE_OPERATIONS)
    failures = report.failures[:SHOWN_FAILURES]
    events = list(campaign.events.order_by("-pk")[: SHOWN_EVENTS + 1])
    total = sum(len(wave.cells) for wave in report.waves)
    return {
        "campaign": campaign,
        "state_text": campaign.get_state_display(),
        "badge": make_campaign_badge(campaign),
        "kind_label": word_kind(campaign.kind),
        "share": make_share(report.counts),
        "is_moving": campaign.state in MOVING,
        "why_paused": _word_pause(campaign),
        "sentences": _list_sentences(campaign, report),
        "steps": [
            (step, reverse("admin:campaigns_campaign_steer", args=[campaign.pk, step.code]))
            for step in list_steps(campaign, http.user, failed=report.counts[MemberState.FAILED])
        ],
        "facts": _list_facts(campaign, report),
        "failures": [_describe_failure(cell, sees_operations=sees_operations) for cell in failures],
        "other_failures": len(report.failures) - len(failures),
        "left_out": [_describe_failure(cell, sees_operations=False) for cell in report.left_out[:SHOWN_LEFT_OUT]],
        "left_out_count": len(report.left_out),
        "legend": make_legend(report),
        "waves": draw_waves(report.waves, sees_operations=sees_operations),
        "named_cells": total <= MOST_NAMED,
        "members_link": reverse("admin:campaigns_campaign_members", args=[campaign.pk]),
        "events": [_describe_event(event) for event in events[:SHOWN_EVENTS]],
        "has_more_events": len(events) > SHOWN_EVENTS,
    }


def make_legend(report: CampaignReport) -> list[dict[str, str]]:
    """Return what the cells mean, of those states that there are, each with how many."""
    return [
        {
            "colour": MEMBER_COLOURS[state],
            "sign": SIGNS[state],
            "text": f"{MemberWords(state.value).label} ({report.counts[state]})",
        }
        for state in COUNTED
        if report.counts[state]
    ]


def draw_waves(waves: Sequence[Wave], *, sees_operations: bool) -> list[dict[str, Any]]:
    """Return the waves with a cell for each instance; of very many, the first cells and how many more there are."""
    left, drawn = MOST_CELLS, []
    for wave in waves:
        shown = wave.cells[:left]
        left -= len(shown)
        drawn.append(
            {
                "title": _("Wave %(number)s") % {"number": wave.number},
                "text": word_size(len(wave.cells)),
                "cells": [draw_cell(cell, sees_operations=sees_operations) for cell in shown],
                "others": len(wave.cells) - len(shown),
            }
        )
    return drawn


def draw_cell(cell: Cell, *, sees_operations: bool) -> dict[str, str]:
    """Return a cell: its sign, its colour, what it says, and the operation or else the instance that it leads to."""
    told = [cell.parish or cell.identifier, str(MemberWords(cell.state.value).label)]
    if cell.state is MemberState.RUNNING:
        told.append(_("%(percent)s %%") % {"percent": cell.progress})
    if cell.seconds is not None and cell.state in (MemberState.DONE, MemberState.FAILED):
        told.append(format_duration(cell.seconds))
    if cell.message:
        told.append(cell.message)
    return {
        "name": cell.identifier,
        "sign": SIGNS[cell.state],
        "colour": MEMBER_COLOURS[cell.state],
        "title": " – ".join(told),
        "link": _find_operation(cell, sees_operations=sees_operations) or _find_instance(cell),
    }


def word_size(count: int) -> str:
    """Return how many instances there are, in words."""
    return ngettext("%(number)s instance", "%(number)s instances", count) % {"number": count}


def _find_operation(cell: Cell, *, sees_operations: bool) -> str:
    if cell.operation_id is None or not sees_operations:
        return ""
    return reverse("admin:operations_operation_change", args=[cell.operation_id])


def _find_instance(cell: Cell) -> str:
    return reverse("admin:tenants_instance_change", args=[cell.instance_id]) if cell.instance_id else ""


def _describe_failure(cell: Cell, *, sees_operations: bool) -> dict[str, str]:
    return {
        "name": cell.identifier,
        "link": _find_instance(cell),
        "message": cell.message,
        "hint": cell.hint,
        "operation": _find_operation(cell, sees_operations=sees_operations),
    }


def _word_pause(campaign: Campaign) -> dict[str, str] | None:
    if campaign.state != CampaignState.PAUSED.value:
        return None
    reason = campaign.get_why_paused_display()
    message = _("It is paused: %(reason)s.") % {"reason": reason} if reason else _("It is paused.")
    said = campaign.pause_note
    hint = _("look at what failed, then go on, try what failed again, or cancel it.")
    return {"message": f"{message} {said}".strip(), "hint": hint}


def _list_sentences(campaign: Campaign, report: CampaignReport) -> list[str]:
    state = campaign.state
    if state == CampaignState.PLANNED.value:
        return [_("It is recorded and has not begun: nothing happens before somebody starts it.")]
    if state == CampaignState.CANCELLING.value:
        return [_("It was cancelled: nothing more begins, what runs goes on to its end.")]
    if state != CampaignState.RUNNING.value or report.is_open:
        return []
    if report.next_opening is None:
        return [_("Its hours never come: nothing will begin. Cancel it, and make another one with other hours.")]
    return [
        _("It is outside of its hours: the next ones begin from %(time)s.") % {"time": format_time(report.next_opening)}
    ]


def _list_facts(campaign: Campaign, report: CampaignReport) -> list[tuple[str, str]]:
    """Return (name, text) of what it was told and how it goes; what is not known is left out."""
    is_over = campaign.ended_at is not None
    facts = [
        (_("Reference"), campaign.public_id),
        (_("Created by"), campaign.created_by),
        (_("Created on"), format_time(campaign.created_at)),
        (_("Started on"), format_time(campaign.started_at)),
        (_("Paused on"), format_time(campaign.paused_at) if campaign.state == CampaignState.PAUSED.value else ""),
        (_("Ended on"), format_time(campaign.ended_at)),
        (_("Ends about"), "" if is_over else format_time(report.ends_at)),
        (_("Of which instances"), word_selection(campaign.selection)),
        *word_parameters(campaign.kind, campaign.parameters),
        (_("Order"), str(campaign.get_order_display())),
        (_("Waves"), word_waves([wave["size"] for wave in campaign.waves])),
        (_("At once on each engine"), str(campaign.limit_per_cluster)),
        (_("Hours"), word_calendar(campaign.windows, campaign.blackout, campaign.time_zone)),
        (_("Stops by itself"), word_stop_rule(campaign.stop_after_failures, campaign.stop_share_percent)),
        (_("Each takes, in the middle"), format_duration(report.seconds_median)),
        (_("Sites closed, all together"), format_duration(report.closed_seconds)),
        (_("Longest closed site"), format_duration(report.closed_seconds_most)),
    ]
    return [(name, text) for name, text in facts if text and text != NOTHING]


def _describe_event(event: CampaignEvent) -> dict[str, str]:
    return {"at": format_time(event.at), "who": event.who or _("the manager"), "what": word_event(event)}
