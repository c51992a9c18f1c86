"""The form of a new campaign becomes a draft; what it refuses stands at its field."""

from typing import Any

import pytest

from console.campaigns.forms import CampaignForm
from domain.campaigns import CampaignOrder
from operations.registry import get_kind
from tests.console.campaigns.rows import make_fleet
from tests.rows import make_release_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
FILLED: dict[str, Any] = {
    "kind": "backup",
    "name": "Avant Noël",
    "order": "safest_first",
    "waves": "1, 5",
    "limit_per_cluster": "2",
    "time_zone": "Europe/Paris",
    "parameter_scope": "full",
    "parameter_mode": "hot",
}


def fill(kind: str = "backup", **values: Any) -> CampaignForm:
    return CampaignForm(get_kind(kind), {**FILLED, "kind": kind, **values})


def test_all_that_is_filled_in_is_in_the_draft() -> None:
    make_fleet()
    form = fill(
        kinds=["production"],
        slugs="saint-paul\nsaint-jean",
        volunteers="without",
        begins="22:00",
        ends="05:00",
        days=["mon"],
        days_without=["sun"],
        dates_without="12-24..12-26, 2027-03-28",
        stop_after_failures="4",
        notes="Prévenue",
    )
    assert form.is_valid(), form.errors
    draft = form.get_draft()
    assert draft.waves == (1, 5, None) and draft.order is CampaignOrder.SAFEST_FIRST
    assert draft.selection == {"kinds": ["production"], "slugs": ["saint-paul", "saint-jean"], "volunteers": False}
    assert draft.windows == ({"from": "22:00", "to": "05:00", "days": ["mon"]},)
    assert draft.blackout == {"weekdays": ["sun"], "dates": ["12-24..12-26", "2027-03-28"]}
    assert (draft.stop_after_failures, draft.stop_share_percent) == (4, None)
    assert draft.parameters == {"scope": "full", "mode": "hot"} and draft.notes == "Prévenue"


def test_nothing_chosen_is_everybody_in_one_wave_at_any_hour() -> None:
    form = fill(waves="")
    assert form.is_valid()
    draft = form.get_draft()
    assert (draft.selection, draft.waves, draft.windows, draft.blackout) == ({}, (None,), (), {})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"waves": "1, zero"}, "waves"),
        ({"waves": "0"}, "waves"),
        ({"slugs": "nobody"}, "slugs"),
        ({"begins": "22:00"}, "ends"),
        ({"begins": "25:00", "ends": "05:00"}, "begins"),
        ({"dates_without": "someday"}, "dates_without"),
        ({"days_without": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}, "dates_without"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"limit_per_cluster": "0"}, "limit_per_cluster"),
        ({"stop_share_percent": "101"}, "stop_share_percent"),
        ({"parameter_mode": "lukewarm"}, "parameter_mode"),
        ({"order": "by_chance"}, "order"),
    ],
)
def test_what_is_refused_stands_at_its_field(values: dict[str, Any], field: str) -> None:
    form = fill(**values)
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_a_kind_asks_for_its_own_parameters_and_an_upgrade_for_its_notes() -> None:
    make_release_row("next", civicrm="5.62.0")
    assert not fill("upgrade").is_valid()
    form = fill("upgrade", parameter_release="next", notes_read="on")
    assert form.is_valid(), form.errors
    assert form.get_draft().parameters == {"release": "next"} and form.get_draft().notes_read
    assert "notes_read" not in fill().fields


def test_one_engine_alone_is_no_choice() -> None:
    make_fleet()
    names = {field.name for section in fill().list_sections() for field in section.fields}
    assert "clusters" not in names and {"kinds", "slugs", "waves", "begins", "notes", "parameter_mode"} <= names
