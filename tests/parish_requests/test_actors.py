"""Who acts with a request is named so that a column takes it."""

import pytest

from parish_requests.actors import MANAGER, make_contact_actor, make_staff_actor
from parish_requests.choices import ActorKind
from tests.parish_requests.cast import make_contact
from tests.rows import make_tenant_row


@pytest.mark.django_db
def test_a_contact_is_named_with_its_address() -> None:
    actor = make_contact_actor(make_contact(make_tenant_row()), "2001:db8::1")
    assert actor.name == "Jeanne Weiss <jeanne@saint-paul.example.org>"
    assert (actor.kind, actor.origin) == (ActorKind.CONTACT, "2001:db8::1")


@pytest.mark.django_db
def test_a_long_name_fits_its_column() -> None:
    contact = make_contact(make_tenant_row(), "J" * 80, mail="j" * 240 + "@example.org")
    assert len(make_contact_actor(contact, "x" * 80).name) == 254
    assert len(make_contact_actor(contact, "x" * 80).origin) == 45


def test_an_account_and_the_manager() -> None:
    actor = make_staff_actor("marc", "192.0.2.1")
    assert (actor.kind, actor.name, actor.origin) == (ActorKind.STAFF, "marc", "192.0.2.1")
    assert (MANAGER.kind, MANAGER.name, MANAGER.origin) == (ActorKind.MANAGER, "", "")
