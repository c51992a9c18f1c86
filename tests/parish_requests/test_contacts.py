"""Contacts of parishes: what is refused, the confirmation by a mail, and removal at once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError
from parish_requests.contacts import (
    CONFIRMATION_DAYS,
    add_contact,
    change_contact,
    confirm_contact,
    list_informed,
    remove_contact,
    resend_confirmation,
)
from parish_requests.models import ContactMail, ParishContact
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def add(name: str = "Jeanne Weiss", mail: str = "jeanne@example.org", **values: Any) -> ParishContact:
    given = {"by": "marc", "now": timezone.now()}
    return add_contact(values.pop("tenant", None) or make_tenant_row(), name=name, mail=mail, **(given | values))


def find_secret(mail: ContactMail) -> str:
    found = re.search(r"/paroisse/confirmer/([\w-]+)\n", mail.body)
    assert found is not None
    return found[1]


def refuse(code: str, **values: Any) -> None:
    before = ParishContact.objects.count(), ContactMail.objects.count()
    with pytest.raises(CiviparoisseError) as caught:
        add(**values)
    assert caught.value.code == code and (ParishContact.objects.count(), ContactMail.objects.count()) == before


def test_an_address_counts_once_its_owner_has_answered(settings: Any) -> None:
    settings.PUBLIC_URL = "https://civiparoisse.example.org"
    contact = add(mail="  Jeanne@Example.ORG ")
    assert contact.mail == "jeanne@example.org" and contact.created_by == "marc"
    assert list(list_informed(contact.tenant)) == []
    mail = ContactMail.objects.get()
    secret = find_secret(mail)
    assert mail.is_secret and mail.address == "jeanne@example.org" and len(secret) >= 43
    assert "https://civiparoisse.example.org/paroisse/confirmer/" in mail.body
    # What is kept of the link does not open it.
    assert secret not in str(ParishContact.objects.values().get())
    confirmed = confirm_contact(secret, now=timezone.now())
    assert confirmed == contact and list(list_informed(contact.tenant)) == [contact]
    with pytest.raises(CiviparoisseError) as caught:
        confirm_contact(secret, now=timezone.now())
    assert caught.value.code == "confirmation_invalid"


@pytest.mark.parametrize("secret", ["", "x", "\0", "é" * 50])
def test_a_guessed_link_confirms_nobody(secret: str) -> None:
    contact = add()
    with pytest.raises(CiviparoisseError):
        confirm_contact(secret, now=timezone.now())
    contact.refresh_from_db()
    assert contact.confirmed_at is None


def test_a_link_that_is_old_or_was_replaced_confirms_nobody() -> None:
    contact, now = add(), timezone.now()
    first = find_secret(ContactMail.objects.get())
    with pytest.raises(CiviparoisseError):
        confirm_contact(first, now=now + (CONFIRMATION_DAYS + 1) * DAY)
    with pytest.raises(CiviparoisseError) as caught:
        resend_confirmation(contact, now=now + MINUTE / 2)
    assert caught.value.code == "confirmation_just_sent"
    resend_confirmation(contact, now=now + 10 * MINUTE)
    second = find_secret(ContactMail.objects.order_by("-pk")[0])
    with pytest.raises(CiviparoisseError):
        confirm_contact(first, now=now + 11 * MINUTE)
    assert confirm_contact(second, now=now + 11 * MINUTE) == contact
    contact.refresh_from_db()
    with pytest.raises(CiviparoisseError) as caught:
        resend_confirmation(contact, now=now + DAY)
    assert caught.value.code == "contact_confirmed"


def test_of_two_who_send_it_again_at_once_one_does() -> None:
    add()
    one, two = ParishContact.objects.get(), ParishContact.objects.get()
    now = timezone.now() + 10 * MINUTE
    resend_confirmation(one, now=now)
    with pytest.raises(CiviparoisseError) as caught:
        resend_confirmation(two, now=now)
    assert caught.value.code == "confirmation_just_sent" and ContactMail.objects.count() == 2


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\0b", "a‮b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    refuse("contact_name_invalid", name=name)


@pytest.mark.parametrize(
    "mail",
    [
        "",
        "jeanne",
        "jeanne@",
        "a b@example.org",
        "a@example.org\nBcc: b@example.org",
        "jeаnne@example.org",  # a Cyrillic letter
        f"{'x' * 250}@example.org",
        "Jeanne <jeanne@example.org>",
        "a@example.org,b@example.org",
    ],
)
def test_an_address_that_is_none_is_refused(mail: str) -> None:
    refuse("contact_mail_invalid", mail=mail)


def test_an_address_is_once_in_a_parish_and_may_be_in_several() -> None:
    add()
    refuse("contact_exists", mail="JEANNE@example.org", name="Another")
    other = add(tenant=make_tenant_row("saint-jean"))
    assert other.tenant.slug == "saint-jean" and ParishContact.objects.count() == 2


def test_whoever_neither_asks_nor_is_informed_is_no_contact() -> None:
    refuse("contact_has_no_role", may_ask=False, is_informed=False)
    contact = add(may_ask=False)
    with pytest.raises(CiviparoisseError):
        change_contact(contact, name="Jeanne", may_ask=False, is_informed=False)
    changed = change_contact(contact, name=" Jeanne  Weiss-Roth ", may_ask=True, is_informed=False)
    changed.refresh_from_db()
    assert (changed.name, changed.may_ask, changed.is_informed) == ("Jeanne Weiss-Roth", True, False)


def test_the_others_are_told_that_somebody_came_or_went() -> None:
    first = add()
    ParishContact.objects.update(confirmed_at=timezone.now())
    ContactMail.objects.all().delete()
    second = add("Paul Roth", "paul@example.org")
    remove_contact(second, now=timezone.now())
    told = ContactMail.objects.order_by("pk")
    assert [mail.address for mail in told] == [first.mail, first.mail]
    assert all("Paul Roth <paul@example.org>" in mail.body and not mail.is_secret for mail in told)
    # The removed one gets nothing any more, not even what was on its way; its link opens nothing.
    assert not ContactMail.objects.filter(address="paul@example.org").exists()


def test_what_waits_for_an_address_of_two_parishes_stays_where_one_removes_it() -> None:
    first, second = add(), add(tenant=make_tenant_row("saint-jean"))
    remove_contact(first, now=timezone.now())
    assert ContactMail.objects.filter(address=second.mail).count() == 2
    remove_contact(second, now=timezone.now())
    assert not ContactMail.objects.exists()
