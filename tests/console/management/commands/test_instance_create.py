"""instance_create: another instance of a parish."""

import pytest

from tenants.models import Instance
from tenants.registry import create_tenant
from tests.commands import run_command, run_json
from tests.parishes import make_parish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


@pytest.fixture(autouse=True)
def tenant(defaults: None) -> None:  # noqa: ARG001 - after the defaults
    """Saint-Paul."""
    create_tenant(make_parish(), requested_by="test")


def test_a_sandbox_sends_no_mail_and_runs_no_cron() -> None:
    code, document = run_json("instance_create", "saint-paul", "--kind", "sandbox", "--plan", "default")
    assert code == 0
    assert document["instance"]["instance"] == "saint-paul-sandbox"
    assert document["instance"]["mail_enabled"] is document["instance"]["cron_enabled"] is False
    assert document["next"] == "instance_provision saint-paul-sandbox --wait"


def test_what_to_type_next_is_told() -> None:
    code, stdout, _stderr = run_command("instance_create", "saint-paul")
    assert code == 0
    assert "instance_provision saint-paul --wait" in stdout and "www.saint-paul.uepal.net" in stdout


def test_a_dry_run_writes_nothing() -> None:
    assert run_json("instance_create", "saint-paul", "--dry-run")[0] == 0
    assert not Instance.objects.exists()


def test_a_second_one_of_the_kind_is_refused() -> None:
    run_json("instance_create", "saint-paul")
    code, document = run_json("instance_create", "saint-paul")
    assert (code, document["error"]["code"]) == (1, "instance_exists")


@pytest.mark.parametrize("arguments", [("zion",), ("saint-paul", "--engine", "none"), ("saint-paul", "--plan", "none")])
def test_an_unknown_name_is_not_found(arguments: tuple[str, ...]) -> None:
    code, document = run_json("instance_create", *arguments)
    assert (code, document["error"]["code"]) == (1, "not_found")


def test_an_unknown_kind_is_a_fault_of_the_command_line() -> None:
    assert run_command("instance_create", "saint-paul", "--kind", "test")[0] == 1
