"""The first page: campaigns at work, and above them those that stand still."""

import pytest

from campaigns.models import Campaign
from console.overview.campaigns import SHOWN
from tests.console.campaigns.rows import make_campaign, make_fleet
from tests.people import count_queries, make_client, read_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
VIEW = "campaigns.view_campaign"
HEADING = 'id="campaigns"'


def add(count: int, state: str, **values: object) -> None:
    """Record so many campaigns in `state`, each over an instance of its own."""
    for number in range(count):
        slug = f"{state}-{Campaign.objects.count()}-{number}"
        make_fleet((slug,))
        campaign = make_campaign(selection={"slugs": [slug]}, name=slug)
        Campaign.objects.filter(pk=campaign.pk).update(state=state, **values)


def test_what_stands_still_comes_first_with_its_reason_and_what_has_ended_is_not_shown() -> None:
    add(1, "paused", why_paused="failures")
    add(1, "running")
    add(1, "done")
    add(1, "planned")
    page = read_page(make_client(VIEW), "/admin/")
    assert page.index(">paused-0-0<") < page.index(">running-1-0<")
    assert "autant ont échoué que la règle d’arrêt le permet" in page
    assert "done-2-0" not in page and "planned-3-0" not in page


def test_only_those_who_may_see_campaigns_see_them() -> None:
    add(1, "running")
    assert HEADING not in read_page(make_client("tenants.view_instance", name="stranger"), "/admin/")
    Campaign.objects.update(state="done")
    assert HEADING not in read_page(make_client(VIEW), "/admin/")


def test_many_are_a_number_and_take_no_more_queries() -> None:
    client = make_client(VIEW)
    add(SHOWN + 1, "running")
    few = count_queries(client, "/admin/")
    add(8, "running")
    assert count_queries(client, "/admin/") == few
    assert "et 9 autres" in read_page(client, "/admin/")
