"""tenant_list: parishes and their instances' states."""

import pytest

from tests.commands import run_command, run_json
from tests.rows import make_instance_row, make_tenant_row

pytestmark = pytest.mark.django_db


def test_nothing_is_an_empty_list() -> None:
    assert run_json("tenant_list") == (0, {"tenants": []})


def test_parishes_are_listed_by_name_with_their_instances() -> None:
    make_tenant_row("sainte-marie")
    make_instance_row("saint-paul")
    code, document = run_json("tenant_list")
    assert code == 0
    assert [(row["slug"], row["instances"]) for row in document["tenants"]] == [
        ("saint-paul", {"saint-paul": "new"}),
        ("sainte-marie", {}),
    ]
    _code, stdout, _stderr = run_command("tenant_list")
    assert [line.split()[0] for line in stdout.splitlines()] == ["saint-paul", "sainte-marie"]
