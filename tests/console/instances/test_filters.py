"""The list of instances, narrowed to those with one trouble."""

import pytest

from domain.states import InstanceState
from tests.people import make_client, read_page
from tests.rows import make_instance_row
from watch.checks.trouble_rules import Trouble

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
LIST = "/admin/tenants/instance/"


def test_a_trouble_shows_the_instances_that_have_it_and_no_choice_shows_all() -> None:
    make_instance_row("saint-paul", state=InstanceState.FAILED)
    make_instance_row("saint-jean", state=InstanceState.ACTIVE)
    client = make_client("tenants.view_instance")
    failed = read_page(client, LIST, trouble=Trouble.FAILED.value)
    assert "saint-paul" in failed and "saint-jean" not in failed
    for query in ({}, {"trouble": "nonsense"}):
        page = read_page(client, LIST, **query)
        assert "saint-paul" in page and "saint-jean" in page
