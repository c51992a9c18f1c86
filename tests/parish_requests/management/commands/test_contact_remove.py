"""A contact is removed at once; a dry run only says who."""

import pytest

from parish_requests.models import ParishContact
from tests.commands import run_command, run_json
from tests.parish_requests.cast import make_contact
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db


def test_at_once_and_by_its_address_in_its_parish() -> None:
    jeanne = make_contact(make_tenant_row(), mail="jeanne@example.org")
    other = make_contact(make_tenant_row("saint-jean"), mail="jeanne@example.org")
    assert run_command("contact_remove", "saint-paul", "JEANNE@example.org", "--dry-run")[0] == 0
    assert ParishContact.objects.count() == 2
    assert run_json("contact_remove", "saint-paul", "JEANNE@example.org")[1]["id"] == jeanne.pk
    assert list(ParishContact.objects.all()) == [other]
    assert run_json("contact_remove", "saint-paul", "jeanne@example.org")[1]["error"]["code"] == "contact_unknown"
