"""Any kind can be asked for by its code, with its own options."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from domain.states import InstanceState
from operations.models import Operation
from tests.commands import run_json
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_kind_is_asked_for_with_its_own_options() -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    code, document = run_json("operation_request", "backup", "saint-paul", "--scope", "files")
    assert (code, document["kind"], document["parameters"]["scope"]) == (0, "backup", "files")
    with pytest.raises(CommandError, match="dance"):
        call_command("operation_request", "dance", "saint-paul")


def test_a_dry_run_writes_nothing() -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    code, document = run_json("operation_request", "suspend", "saint-paul", "--dry-run")
    assert (code, document["dry_run"], Operation.objects.count()) == (0, True, 0)
