"""What the dry run of a campaign shows: who takes part in which wave, who does not, until when, at what cost."""

import hashlib
import json
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.choices import LeftOut as LeftOutWords
from campaigns.planning import CampaignPlan, PlannedLeftOut, PlannedMember
from civiparoisse.presentation import NOTHING, format_duration, format_time
from console.campaigns.columns import word_kind
from console.campaigns.facts import word_size
from console.campaigns.wording import word_calendar, word_parameters, word_selection, word_stop_rule, word_waves
from domain.errors import render_error
from finops.wording.formats import format_money

SHOWN_CELLS = 600
SHOWN_LEFT_OUT = 100


def digest_plan(plan: CampaignPlan) -> str:
    """Return what names who would take part in which wave, and who would not: what somebody looked at before saying
    yes to it."""
    taking_part = [[member.identifier, member.wave] for member in plan.members]
    document = [taking_part, [[row.identifier, row.why.value] for row in plan.left_out]]
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()


def describe_plan(plan: CampaignPlan) -> dict[str, Any]:
    """Return what the page shows; of very many, the first ones and how many more there are."""
    draft = plan.draft
    return {
        "name": draft.name,
        "kind_label": word_kind(draft.kind),
        "facts": _list_facts(plan),
        "obstacles": [{"tone": "danger", "message": one.message, "hint": one.hint} for one in plan.obstacles],
        "waves": _list_waves(plan),
        "left_out": [_describe_left_out(row) for row in plan.left_out[:SHOWN_LEFT_OUT]],
        "others_left_out": max(0, len(plan.left_out) - SHOWN_LEFT_OUT),
        "cannot_begin": bool(plan.obstacles) or not plan.members,
        "seen": digest_plan(plan),
    }


def _list_facts(plan: CampaignPlan) -> list[tuple[str, str]]:
    draft = plan.draft
    cost = plan.monthly_cost_change
    facts = [
        (_("Take part"), word_size(len(plan.members))),
        (_("Left out"), word_size(len(plan.left_out))),
        (_("Begins, if started now"), format_time(plan.begins_at)),
        (_("Would end about"), format_time(plan.ends_at) if plan.ends_at else _("not known: none was measured yet")),
        (_("Each takes, in the middle"), format_duration(plan.seconds_each)),
        (_("What it changes a month"), format_money(cost, plan.currency or "EUR") if cost is not None else ""),
        (_("Of which instances"), word_selection(draft.selection)),
        *word_parameters(draft.kind, draft.parameters),
        (_("Waves"), word_waves(draft.waves)),
        (_("At once on each engine"), str(draft.limit_per_cluster)),
        (_("Hours"), word_calendar(draft.windows, draft.blackout, draft.time_zone)),
        (_("Stops by itself"), word_stop_rule(draft.stop_after_failures, draft.stop_share_percent)),
    ]
    return [(name, text) for name, text in facts if text and text != NOTHING]


def _list_waves(plan: CampaignPlan) -> list[dict[str, Any]]:
    waves: dict[int, list[PlannedMember]] = {}
    for member in plan.members:
        waves.setdefault(member.wave, []).append(member)
    left, shown = SHOWN_CELLS, []
    for number, members in sorted(waves.items()):
        cells = members[:left]
        left -= len(cells)
        shown.append(
            {
                "title": _("Wave %(number)s") % {"number": number + 1},
                "text": word_size(len(members)),
                "cells": [{"name": one.identifier, "title": f"{one.parish} – {one.cluster}"} for one in cells],
                "others": len(members) - len(cells),
            }
        )
    return shown


def _describe_left_out(row: PlannedLeftOut) -> dict[str, str]:
    message, hint = render_error(row.code, dict(row.params)) if row.code else ("", "")
    return {
        "name": row.identifier,
        "link": reverse("admin:tenants_instance_change", args=[row.instance_id]),
        "message": message or str(LeftOutWords(row.why.value).label),
        "hint": hint,
    }
