"""campaign_create: the dry run writes nothing, its exit code says whether it could be created."""

import pytest
from django.contrib.auth.models import User

from campaigns.models import Campaign
from domain.states import InstanceState
from tests.campaigns.cast import make_fleet
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db
BACKUPS = ("campaign_create", "--name", "November", "--kind", "backup")


def test_a_dry_run_then_the_campaign_then_at_once() -> None:
    make_fleet(3)
    code, answer = run_json(*BACKUPS, "--waves", "1,rest", "--dry-run")
    assert code == 0 and answer["dry_run"] and [row["wave"] for row in answer["members"]] == [1, 2, 2]
    out = run_command(*BACKUPS, "--dry-run")[1]
    assert "p-000" in out and not Campaign.objects.exists()
    code, answer = run_json(*BACKUPS, "--select", "slugs=p-000")
    assert (code, answer["state"], answer["selection"]) == (0, "planned", {"slugs": ["p-000"]})
    code, answer = run_json(*BACKUPS, "--start")
    assert (code, answer["state"]) == (0, "running")


def test_what_could_not_be_created_is_told_by_the_exit_code_of_the_dry_run_too() -> None:
    make_fleet(1, state=InstanceState.NEW)
    code, answer = run_json(*BACKUPS, "--dry-run")
    assert code == 1 and answer["left_out"][0]["why"] == "state"
    code, answer = run_json(*BACKUPS)
    assert (code, answer["error"]["code"]) == (1, "campaign_empty")
    code, answer = run_json(*BACKUPS, "--select", "state=active")
    assert (code, answer["error"]["code"]) == (1, "invalid_value")


def test_an_account_without_permission_creates_none() -> None:
    make_fleet(1)
    User.objects.create_user("anne")
    code, answer = run_json(*BACKUPS, "--as", "anne")
    assert (code, answer["error"]["code"]) == (1, "permission_missing") and not Campaign.objects.exists()
