"""States as badges, how far a campaign is as a bar and in words."""

import pytest

from campaigns.choices import CampaignState as CampaignWords
from campaigns.models import Campaign
from console.campaigns.columns import (
    MEMBER_COLOURS,
    SIGNS,
    count_members,
    make_campaign_badge,
    make_member_badge,
    make_share,
    read_counts,
    show_share,
    word_kind,
)
from domain.campaigns import CampaignState, MemberState
from tests.console.campaigns.rows import make_campaign, make_fleet, set_member


def test_every_state_has_its_badge_and_no_two_states_look_alike() -> None:
    for state in CampaignState:
        assert str(CampaignWords(state.value).label) in make_campaign_badge(Campaign(state=state.value))
    for member in MemberState:
        assert make_member_badge(member.value)
    looks = {(MEMBER_COLOURS[state], SIGNS[state]) for state in MemberState}
    assert len(looks) == len({sign for _colour, sign in looks}) == len(MemberState)


def test_what_is_left_out_is_no_part_of_the_whole() -> None:
    counts = dict.fromkeys(MemberState, 0) | {MemberState.DONE: 3, MemberState.FAILED: 1, MemberState.LEFT_OUT: 9}
    share = make_share(counts)
    assert (share["done"], share["failed"], share["busy"]) == (75, 25, 0)
    assert share["text"] == "3 sur 4 terminées, 1 échec"
    assert 'data-width="75"' in show_share(counts) and "3 sur 4 terminées" in show_share(counts)
    assert make_share(dict.fromkeys(MemberState, 0))["text"] == "0 sur 0 terminées"


def test_a_kind_that_is_known_no_longer_is_called_by_its_code() -> None:
    assert word_kind("backup") == "sauvegarde"
    assert word_kind("nonsense") == "nonsense"


@pytest.mark.django_db
@pytest.mark.usefixtures("defaults", "engine")
def test_members_are_counted_with_their_campaign() -> None:
    make_fleet()
    campaign = make_campaign(is_started=True)
    set_member(campaign, "saint-paul", MemberState.FAILED, error_code="job_lost")
    counts = read_counts(count_members(Campaign.objects.all()).get())
    assert counts == dict.fromkeys(MemberState, 0) | {MemberState.FAILED: 1, MemberState.WAITING: 2}
