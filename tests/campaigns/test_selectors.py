"""Campaigns and their members, as the doors ask for them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.selectors import get_campaign, list_campaigns, list_members
from domain.errors import NotFound
from domain.states import InstanceState
from tests.campaigns.cast import make_campaign, make_fleet, make_started

pytestmark = pytest.mark.django_db


def test_by_identifier_state_and_kind() -> None:
    make_fleet(2)
    first = make_campaign(selection={"slugs": ["p-000"]})
    second = make_started(selection={"slugs": ["p-001"]}, kind="suspend")
    assert get_campaign(first.public_id) == first
    with pytest.raises(NotFound):
        get_campaign("ca-nowhere")
    assert list(list_campaigns()) == [second, first]
    assert list(list_campaigns(state="planned")) == list(list_campaigns(kind="backup")) == [first]


def test_members_in_their_order_with_all_that_a_cell_shows_and_no_secret() -> None:
    make_fleet(2)
    make_fleet(1, prefix="a", state=InstanceState.NEW)
    campaign = make_campaign()
    with CaptureQueriesContext(connection) as seen:
        shown = [(row.subject, row.instance.tenant.name if row.instance else "") for row in list_members(campaign)]
    assert [name for name, _parish in shown] == ["p-000", "p-001", "a-000"] and len(seen) == 1
    assert "secrets" not in seen.captured_queries[0]["sql"]
    assert [row.subject for row in list_members(campaign, state="left_out")] == ["a-000"]
