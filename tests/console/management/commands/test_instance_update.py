"""instance_update: what is recorded and not made yet has another plan or release."""

import pytest

from domain.states import InstanceState
from tenants.models import Instance
from tests.commands import run_command, run_json
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_a_new_instance_takes_another_plan_and_release() -> None:
    make_instance_row()
    code, document = run_json("instance_update", "saint-paul", "--plan", "default", "--release", "0.1.1")
    assert (code, document["instance"]["plan"], document["instance"]["release"]) == (0, "default", "0.1.1")
    assert document["next"] == "instance_provision saint-paul --wait"
    row = Instance.objects.get()
    assert (row.plan.name, row.release.name) == ("default", "0.1.1")


def test_a_dry_run_changes_nothing() -> None:
    make_instance_row()
    code, stdout, _stderr = run_command("instance_update", "saint-paul", "--plan", "default", "--dry-run")
    assert code == 0 and "default" in stdout and Instance.objects.get().plan.name == "test"


@pytest.mark.parametrize("state", [state for state in InstanceState if state is not InstanceState.NEW])
def test_one_that_is_made_is_left_to_operations(state: InstanceState) -> None:
    make_instance_row(state=state)
    code, document = run_json("instance_update", "saint-paul", "--plan", "default")
    assert (code, document["error"]["code"]) == (1, "instance_made")
    assert "instance_resize" in document["error"]["hint"] and Instance.objects.get().plan.name == "test"
