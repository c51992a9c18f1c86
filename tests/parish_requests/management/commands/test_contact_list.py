"""Contacts by parish, with what each may do."""

import pytest

from tests.commands import run_command, run_json
from tests.parish_requests.cast import make_contact
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db


def test_of_all_and_of_one_parish() -> None:
    make_contact(make_tenant_row(), may_ask=False)
    make_contact(make_tenant_row("saint-jean"), "Rose Weber", confirmed_at=None)
    out = run_command("contact_list")[1]
    assert "Jeanne Weiss <jeanne@saint-paul.example.org>" in out and "adresse non confirmée" in out
    (row,) = run_json("contact_list", "saint-jean")[1]["contacts"]
    assert (row["name"], row["tenant"], row["confirmed_at"]) == ("Rose Weber", "saint-jean", None)
    assert run_command("contact_list", "nowhere")[0] == 1
