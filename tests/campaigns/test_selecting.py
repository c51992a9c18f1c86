"""A filter as it is written, what it gives, and that a slip never becomes everybody."""

from typing import Any

import pytest

from campaigns.models import Volunteer
from campaigns.selecting import list_instances, read_selection
from domain.errors import InvalidValue
from domain.states import InstanceState
from tenants.models import Instance
from tests.campaigns.cast import make_fleet, make_sandbox
from tests.rows import make_release_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> list[Instance]:
    """Three in production, the last suspended, of another release and at another cluster; a sandbox; a deleted one."""
    rows = make_fleet(3)
    make_sandbox("p-000")
    make_fleet(1, prefix="gone", state=InstanceState.DELETED)
    Instance.objects.filter(pk=rows[2].pk).update(
        state=InstanceState.SUSPENDED.value, engine="other", release=make_release_row("new")
    )
    Volunteer.objects.create(tenant=rows[1].tenant)
    return rows


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ["p-000", "p-000-sandbox", "p-001", "p-002"]),
        ({"states": ["suspended"]}, ["p-002"]),
        ({"states": ["deleted"]}, ["gone-000"]),
        ({"clusters": ["other"]}, ["p-002"]),
        ({"releases": ["new"]}, ["p-002"]),
        ({"plans": ["test"], "kinds": ["sandbox"]}, ["p-000-sandbox"]),
        ({"kinds": ["production"]}, ["p-000", "p-001", "p-002"]),
        ({"slugs": ["p-000"]}, ["p-000", "p-000-sandbox"]),
        ({"slugs": ["p-000-sandbox", "p-001"]}, ["p-000-sandbox", "p-001"]),
        ({"volunteers": True}, ["p-001"]),
        ({"volunteers": False, "kinds": ["production"]}, ["p-000", "p-002"]),
        ({"states": None}, ["p-000", "p-000-sandbox", "p-001", "p-002"]),
    ],
)
@pytest.mark.usefixtures("fleet")
def test_what_is_selected(given: dict[str, Any], names: list[str]) -> None:
    assert [row.identifier for row in list_instances(read_selection(given))] == names


@pytest.mark.parametrize(
    "given",
    [
        {"state": ["active"]},
        {"states": ["activ"]},
        {"states": "active"},
        {"states": []},
        {"states": [""]},
        {"states": [7]},
        {"clusters": ["nowhere"]},
        {"releases": ["2031"]},
        {"plans": ["huge"]},
        {"slugs": ["p-000", "nobody"]},
        {"kinds": ["verification"]},
        {"volunteers": "yes"},
        {"volunteers": 1},
        [],
    ],
)
@pytest.mark.usefixtures("fleet")
def test_a_slip_is_refused(given: Any) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_selection(given)
    assert refused.value.params["field"] == "selection"
