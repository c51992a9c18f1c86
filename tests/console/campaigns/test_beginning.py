"""A new campaign: kind, form, dry run, and only then a row."""

from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign
from tests.console.campaigns.rows import make_campaign, make_fleet
from tests.console.campaigns.test_forms import FILLED
from tests.people import make_client
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
ADD = "/admin/campaigns/campaign/add/"


def send(client: Client, step: str, **values: Any) -> Any:
    """Send the form as the page's button for `step` does."""
    return client.post(f"{ADD}?step={step}", {**FILLED, **values})


def look(client: Client, **values: Any) -> str:
    """Return what names the plan that the dry run shows."""
    answer = send(client, "plan", **values)
    assert answer.status_code == 200, answer.content
    return str(answer.context_data["seen"])


def test_the_dry_run_comes_first_and_writes_nothing() -> None:
    make_fleet()
    make_instance_row("saint-luc")
    client = make_client(superuser=True)
    kinds = client.get(ADD).content.decode()
    assert 'value="backup"' in kinds and 'value="delete"' not in kinds and 'value="restore"' not in kinds
    form = client.post(ADD, {"kind": "backup", "step": "fill", "slugs": "saint-paul"}).content.decode()
    assert ">saint-paul</textarea>" in form.replace("\n", "")
    page = send(client, "plan").content.decode()
    for text in ("saint-jean", "Vague 1", "Vague 2", "Qui est laissé de côté", "saint-luc", "3 instances"):
        assert text in page, text
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(("step", "state"), [("create", "planned"), ("start", "running")])
def test_what_was_looked_at_is_recorded(step: str, state: str) -> None:
    make_fleet()
    client = make_client(superuser=True)
    answer = send(client, step, seen=look(client))
    campaign = Campaign.objects.get()
    assert answer.status_code == 302 and answer["Location"].endswith(f"/campaign/{campaign.pk}/change/")
    assert (campaign.state, campaign.created_by, campaign.name) == (state, "jeanne", "Avant Noël")
    assert campaign.members.count() == 3


def test_what_has_changed_since_it_was_looked_at_is_shown_again() -> None:
    make_fleet()
    client = make_client(superuser=True)
    seen = look(client)
    Campaign.objects.all().delete()
    make_fleet(("zacharie",))
    answer = send(client, "start", seen=seen)
    assert "ont changé depuis que vous avez regardé" in answer.content.decode()
    assert not Campaign.objects.exists()
    assert send(client, "start", seen=answer.context_data["seen"]).status_code == 302


def test_a_second_click_and_a_second_campaign_take_nobody_twice() -> None:
    make_fleet()
    make_campaign(is_started=True)
    client = make_client(superuser=True)
    answer = send(client, "plan")
    page = answer.content.decode()
    assert "participe à la campagne" in page and "disabled" in page
    assert send(client, "start", seen=answer.context_data["seen"]).status_code == 200
    assert Campaign.objects.count() == 1


def test_what_is_wrong_and_what_is_to_be_changed_come_back_as_the_form() -> None:
    make_fleet()
    client = make_client(superuser=True)
    for answer in (send(client, "plan", waves="x"), send(client, "change", waves="2")):
        assert 'name="waves"' in answer.content.decode() and answer.status_code == 200
    assert client.post(ADD, {"kind": "delete"}).status_code == 404
    assert not Campaign.objects.exists()


def test_it_takes_the_permission_of_campaigns_and_of_the_kind() -> None:
    make_fleet()
    outsider = make_client("campaigns.view_campaign", name="outsider")
    assert outsider.get(ADD).status_code == 403 and send(outsider, "start").status_code == 403
    recorder = make_client("campaigns.add_campaign", name="recorder")
    assert "Votre compte ne permet de demander aucune opération" in recorder.get(ADD).content.decode()
    assert send(recorder, "plan").status_code == 403
    able = make_client("campaigns.add_campaign", "tenants.view_instance", "operations.add_operation", name="able")
    seen = look(able)
    assert send(able, "start", seen=seen).status_code == 403
    assert send(able, "create", seen=seen).status_code == 302
