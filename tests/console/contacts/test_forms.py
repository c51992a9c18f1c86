"""The form of a contact: its rules are those of every other door."""

import pytest
from django.utils import translation

from console.contacts.forms import PLACES, ContactForm
from domain.errors import CiviparoisseError
from parish_requests.contacts import check_contact
from tests.console.requests.rows import make_contact_row
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db


def test_every_refusal_of_the_door_has_a_place_on_the_form() -> None:
    good = {"name": "Jeanne", "mail": "a@example.org", "may_ask": True, "is_informed": True}
    for wrong in ({"name": ""}, {"mail": "x"}, {"may_ask": False, "is_informed": False}):
        with pytest.raises(CiviparoisseError) as raised:
            check_contact(**{**good, **wrong})  # type: ignore[arg-type]
        assert PLACES[raised.value.code] in ContactForm.base_fields


def test_values_are_kept_as_they_are_recorded() -> None:
    given = {
        "tenant": make_tenant_row().pk,
        "name": "  Jeanne   Martin ",
        "mail": "Jeanne@Example.ORG",
        "may_ask": "on",
    }
    form = ContactForm(given)
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["name"], form.cleaned_data["mail"]) == ("Jeanne Martin", "jeanne@example.org")


def test_the_address_and_the_parish_of_one_that_exists_are_fixed() -> None:
    contact = make_contact_row()
    other = make_tenant_row("sainte-marie")
    given = {"tenant": other.pk, "name": "Anne", "mail": "b@example.org", "is_informed": "on"}
    form = ContactForm(given, instance=contact)
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["tenant"], form.cleaned_data["mail"]) == (contact.tenant, "jeanne@example.org")
    with translation.override("fr"):
        assert "retirez ce contact" in str(form.fields["mail"].help_text)
