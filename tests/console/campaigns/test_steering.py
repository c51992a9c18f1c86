"""A campaign is started, paused, resumed, retried, cancelled and noted through its pages, each after a question."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from domain.campaigns import MemberState
from tests.console.campaigns.rows import make_campaign, make_fleet, set_member
from tests.people import make_client, read_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]


def press(client: Client, campaign: Campaign, code: str, **typed: str) -> str:
    """Ask first, which changes nothing; then do it. Return the page that follows."""
    address = reverse("admin:campaigns_campaign_steer", args=[campaign.pk, code])
    before = campaign.state
    assert campaign.name in read_page(client, address)
    campaign.refresh_from_db()
    assert campaign.state == before
    answer = client.post(address, typed, follow=True)
    campaign.refresh_from_db()
    return str(answer.content.decode())


def test_the_life_of_a_campaign_by_its_buttons() -> None:
    make_fleet()
    campaign = make_campaign()
    client = make_client(superuser=True)
    press(client, campaign, "start")
    assert campaign.state == "running"
    page = press(client, campaign, "pause", reason="Fête de la paroisse")
    assert campaign.state == "paused" and "Fête de la paroisse" in page and "quelqu’un l’a mise en pause" in page
    set_member(campaign, "saint-jean", MemberState.FAILED, error_code="job_lost")
    press(client, campaign, "resume")
    assert campaign.state == "running"
    press(client, campaign, "retry")
    member = campaign.members.get(subject="saint-jean")
    assert (member.state, member.attempt) == ("waiting", 2)
    press(client, campaign, "notes", notes="Tout va bien")
    assert campaign.notes == "Tout va bien"
    press(client, campaign, "cancel")
    assert campaign.state == "cancelling"
    events = list(campaign.events.order_by("pk").values_list("what", "who"))
    assert [what for what, _who in events] == ["created", "start", "pause", "resume", "retry", "noted", "cancel"]
    assert {who for _what, who in events} == {"jeanne"}


def test_what_the_state_forbids_is_told_and_changes_nothing() -> None:
    make_fleet()
    campaign = make_campaign()
    page = press(make_client(superuser=True), campaign, "pause")
    assert campaign.state == "planned" and "Ce n’est pas possible maintenant" in page


def test_whoever_may_not_ask_for_the_kind_may_pause_and_not_start() -> None:
    make_fleet()
    campaign = make_campaign()
    client = make_client("campaigns.view_campaign", "campaigns.change_campaign")
    start = reverse("admin:campaigns_campaign_steer", args=[campaign.pk, "start"])
    assert client.post(start).status_code == 403
    press(client, campaign, "cancel")
    assert campaign.state != "planned"
