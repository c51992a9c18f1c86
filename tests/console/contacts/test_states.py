"""How far the confirmation of an address is, in words and as a badge."""

import pytest
from django.utils import timezone, translation

from console.contacts.states import SHOWN, describe_state, make_state_badge
from parish_requests.models import ParishContact
from tests.console.requests.rows import make_contact_row
from tests.people import make_client
from tests.rows import make_tenant_row


@pytest.mark.parametrize(
    ("confirmed", "sent", "badge", "sentence"),
    [
        (True, True, "confirmée", "a été confirmée le"),
        (False, True, "en attente de confirmation", "reste sans réponse"),
        (False, False, "aucun courriel envoyé", "envoyez-le"),
    ],
)
def test_each_state_has_a_badge_and_a_sentence(confirmed: bool, sent: bool, badge: str, sentence: str) -> None:
    now = timezone.now()
    contact = ParishContact(confirmed_at=now if confirmed else None, confirmation_sent_at=now if sent else None)
    with translation.override("fr"):
        assert badge in make_state_badge(contact) and sentence in describe_state(contact)


@pytest.mark.django_db
def test_the_parish_s_page_shows_some_and_leads_to_all() -> None:
    tenant = make_tenant_row()
    client = make_client("tenants.view_tenant", "parish_requests.view_parishcontact")
    for number in range(SHOWN):
        make_contact_row(mail=f"n{number}@example.org")
    address = f"/admin/tenants/tenant/{tenant.pk}/change/"
    assert client.get(address).context["all_contacts"] == ""
    make_contact_row(mail="last@example.org")
    context = client.get(address).context
    assert len(context["contacts"]) == SHOWN
    assert client.get(context["all_contacts"], follow=True).status_code == 200
