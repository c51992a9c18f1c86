"""The list of campaigns, the page of one, its report and its instances."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from domain.campaigns import MemberState
from operations.role_groups import give_roles
from operations.roles import ROLES
from tests.console.campaigns.rows import make_campaign, make_fleet, set_member
from tests.people import count_queries, make_client, read_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
LIST = "/admin/campaigns/campaign/"


def get_page(campaign: Campaign) -> str:
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def test_an_empty_list_says_what_a_campaign_is_and_how_to_begin_one() -> None:
    reader = read_page(make_client("campaigns.view_campaign", name="reader"), LIST)
    assert "Aucune campagne pour le moment" in reader and "Commencer une campagne" not in reader
    beginner = read_page(make_client("campaigns.view_campaign", "campaigns.add_campaign", name="beginner"), LIST)
    assert "Commencer une campagne" in beginner
    make_fleet()
    make_campaign()
    assert "Aucune campagne pour le moment" not in read_page(make_client("campaigns.view_campaign"), LIST)


def test_the_list_says_how_far_each_is() -> None:
    make_fleet()
    campaign = make_campaign(is_started=True)
    set_member(campaign, "saint-jean", MemberState.DONE)
    set_member(campaign, "saint-paul", MemberState.FAILED, error_code="job_lost")
    page = read_page(make_client("campaigns.view_campaign"), LIST)
    assert "1 sur 3 terminées, 1 échec" in page and "Avant Noël" in page and "en cours" in page
    assert "Avant Noël" not in read_page(make_client("campaigns.view_campaign", name="x"), LIST, kind="upgrade")


def test_the_page_shows_failures_first_and_each_instance_as_a_cell() -> None:
    make_fleet()
    campaign = make_campaign(is_started=True, notes="Prévenue <b>Anne</b>", stop_after_failures=None)
    failed = set_member(campaign, "saint-jean", MemberState.FAILED, error_code="job_lost")
    running = set_member(campaign, "saint-paul", MemberState.RUNNING)
    client = make_client("campaigns.view_campaign", "operations.view_operation")
    page = read_page(client, get_page(campaign))
    assert "programme de sauvegarde a été tué" in page
    assert page.index("Ce qui a échoué") < page.index("Vague 1")
    for operation in (failed, running):
        assert reverse("admin:operations_operation_change", args=[operation.pk]) in page
    for text in ("▶", "✗", "·", "en cours – 40 %", "Vague 2", "jeanne", "Prévenue <b>Anne</b>"):
        assert text in page, text
    assert "<b>Anne" not in client.get(get_page(campaign)).content.decode()
    blind = read_page(make_client("campaigns.view_campaign", name="blind"), get_page(campaign))
    assert reverse("admin:operations_operation_change", args=[failed.pk]) not in blind


def test_what_is_under_way_is_read_again_and_what_has_ended_is_not() -> None:
    make_fleet()
    campaign = make_campaign(is_started=True)
    client = make_client("campaigns.view_campaign")
    part = reverse("admin:campaigns_campaign_part", args=[campaign.pk])
    assert f'data-refresh-url="{part}"' in client.get(get_page(campaign)).content.decode()
    assert "data-refresh-ended" not in client.get(part).content.decode()
    Campaign.objects.update(state="done")
    assert part not in client.get(get_page(campaign)).content.decode()
    assert "data-refresh-ended" in client.get(part).content.decode()


def test_the_report_is_a_file_for_spreadsheets() -> None:
    make_fleet()
    campaign = make_campaign()
    answer = make_client("campaigns.view_campaign").get(reverse("admin:campaigns_campaign_report", args=[campaign.pk]))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f"campagne-{campaign.public_id}.csv" in answer["Content-Disposition"]
    assert answer.content.decode().count("\n") == 4 and "sainte-marie" in answer.content.decode()


def test_its_operation_leads_back_to_the_campaign() -> None:
    make_fleet()
    campaign = make_campaign(is_started=True)
    operation = set_member(campaign, "saint-jean", MemberState.DONE)
    address = reverse("admin:operations_operation_change", args=[operation.pk])
    page = read_page(make_client("operations.view_operation", "campaigns.view_campaign"), address)
    assert get_page(campaign) in page and f"campagne {campaign.public_id}" in page
    assert get_page(campaign) not in read_page(make_client("operations.view_operation", name="other"), address)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.code)
def test_each_role_sees_and_does_what_it_may(role: object) -> None:
    make_fleet()
    campaign = make_campaign()
    client = make_client(name="p")
    from django.contrib.auth.models import User

    give_roles(User.objects.get(username="p"), [role], requested_by="test")  # type: ignore[list-item]
    may_see, may_steer = (role.allows(f"campaigns.{name}_campaign") for name in ("view", "change"))  # type: ignore[attr-defined]
    for address in (LIST, get_page(campaign), get_page(campaign).replace("change", "members")):
        assert (client.get(address).status_code == 200) is may_see
    assert (client.get(f"{LIST}add/").status_code == 200) is role.allows("campaigns.add_campaign")  # type: ignore[attr-defined]
    steer = reverse("admin:campaigns_campaign_steer", args=[campaign.pk, "start"])
    assert (client.get(steer).status_code == 200) is may_steer
    assert (client.post(steer).status_code == 302) is may_steer
    campaign.refresh_from_db()
    assert (campaign.state == "running") is may_steer
    if may_see:
        page = read_page(client, get_page(campaign))
        assert ("Mettre en pause…" in page) is may_steer


def test_what_is_not_there_is_not_found_and_nobody_outside_comes_in() -> None:
    make_fleet()
    campaign = make_campaign()
    client = make_client("campaigns.view_campaign", "campaigns.change_campaign", superuser=True)
    for address in ("999/change/", "x/change/", "999/part/", "999/report.csv", f"{campaign.pk}/steer/nonsense/"):
        assert client.get(LIST + address).status_code == 404, address
    for address in (get_page(campaign), f"{LIST}add/", f"{LIST}{campaign.pk}/report.csv"):
        assert Client().get(address).status_code == 302
        assert make_client(name=f"n{campaign.pk}{len(address)}").get(address).status_code == 403


def test_neither_the_list_nor_a_page_asks_more_for_many() -> None:
    client = make_client("campaigns.view_campaign", "operations.view_operation", superuser=True)
    counts = []
    for size in (10, 300):
        slugs = tuple(f"parish-{size}-{number}" for number in range(size))
        make_fleet(slugs)
        campaign = make_campaign(is_started=True, selection={"slugs": list(slugs)})
        set_member(campaign, slugs[0], MemberState.DONE)
        set_member(campaign, slugs[1], MemberState.FAILED, error_code="job_lost")
        campaign.members.filter(position__gt=5).update(state="failed", error_code="job_lost", error_params={})
        addresses = (LIST, get_page(campaign), f"{LIST}{campaign.pk}/members/", f"{LIST}{campaign.pk}/report.csv")
        counts.append([count_queries(client, address) for address in addresses])
        assert len(client.get(get_page(campaign)).content) < 300 * 1024
    assert counts[1] == counts[0]
