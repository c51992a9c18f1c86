"""campaign_list: the newest first, narrowed by what is given."""

import pytest

from tests.campaigns.cast import make_campaign, make_fleet, make_started
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_by_state_and_kind() -> None:
    assert run_command("campaign_list")[1].strip()
    make_fleet(2)
    first = make_campaign(selection={"slugs": ["p-000"]})
    second = make_started(selection={"slugs": ["p-001"]}, kind="suspend")

    def list_ids(*words: str) -> list[str]:
        return [row["id"] for row in run_json("campaign_list", *words)[1]["campaigns"]]

    assert list_ids() == [second.public_id, first.public_id]
    assert list_ids("--state", "running") == list_ids("--kind", "suspend") == list_ids("--limit", "1")
    assert list_ids("--state", "planned") == [first.public_id]
    assert first.public_id in run_command("campaign_list")[1]
