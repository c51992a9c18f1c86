"""The instances of a campaign as a list: narrowed to one state, in pages."""

import pytest
from django.urls import reverse

from console.campaigns.members import SHOWN_ROWS
from domain.campaigns import MemberState
from domain.states import InstanceState
from tests.console.campaigns.rows import make_campaign, make_fleet, set_member
from tests.people import make_client, read_page
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]


def test_a_state_narrows_it_and_says_how_many_there_are() -> None:
    make_fleet()
    make_instance_row("saint-luc", state=InstanceState.NEW)
    campaign = make_campaign(is_started=True)
    set_member(campaign, "saint-jean", MemberState.FAILED, error_code="job_lost")
    client = make_client("campaigns.view_campaign")
    address = reverse("admin:campaigns_campaign_members", args=[campaign.pk])
    page = read_page(client, address)
    assert all(name in page for name in ("saint-jean", "saint-paul", "saint-luc", "son état ne le permet pas"))
    failed = read_page(client, address, state="failed")
    assert "saint-jean" in failed and "saint-paul" not in failed and "a été tué" in failed
    assert "saint-paul" in read_page(client, address, state="nonsense")


def test_many_come_in_pages_that_keep_the_state() -> None:
    make_fleet(tuple(f"p-{number:03d}" for number in range(SHOWN_ROWS + 3)))
    campaign = make_campaign()
    client = make_client("campaigns.view_campaign")
    address = reverse("admin:campaigns_campaign_members", args=[campaign.pk])
    first = read_page(client, address, state="waiting")
    assert "Page 1 sur 2" in first and "?state=waiting&page=2" in first and f"p-{SHOWN_ROWS:03d}" not in first
    assert f"p-{SHOWN_ROWS:03d}" in read_page(client, address, state="waiting", page="2")
