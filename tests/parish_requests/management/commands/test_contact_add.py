"""A contact is recorded, and asked by mail; a dry run writes neither."""

import pytest

from parish_requests.models import ContactMail, ParishContact
from tests.commands import run_command, run_json
from tests.parish_requests.cast import make_person
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db
JEANNE = ("saint-paul", "Jeanne Weiss", "Jeanne@example.org")


def test_it_is_recorded_with_its_roles_and_by_whom() -> None:
    make_tenant_row()
    make_person("omar", "operator")
    code, answer = run_json("contact_add", *JEANNE, "--no-asking", "--as", "omar")
    assert code == 0 and (answer["mail"], answer["may_ask"], answer["is_informed"]) == (
        "jeanne@example.org",
        False,
        True,
    )
    contact = ParishContact.objects.get()
    assert contact.pk == answer["id"] and "omar" in contact.created_by and answer["confirmed_at"] is None
    assert ContactMail.objects.get().address == "jeanne@example.org"


def test_a_dry_run_says_all_and_writes_nothing() -> None:
    make_tenant_row()
    code, answer = run_json("contact_add", *JEANNE, "--dry-run")
    assert code == 0 and answer["id"] is None and answer["mail"] == "jeanne@example.org"
    assert not ParishContact.objects.exists() and not ContactMail.objects.exists()
    assert run_json("contact_add", "saint-paul", "Jeanne", "nobody", "--dry-run")[1]["error"]["code"] == (
        "contact_mail_invalid"
    )


def test_whoever_may_not_is_refused() -> None:
    make_tenant_row()
    make_person("lea", "reader")
    assert run_json("contact_add", *JEANNE, "--as", "lea")[1]["error"]["code"] == "permission_missing"
    assert run_command("contact_add", "nowhere", "Jeanne", "jeanne@example.org")[0] == 1
    assert not ParishContact.objects.exists()
