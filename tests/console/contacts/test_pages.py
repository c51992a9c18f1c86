"""Contacts in the administration: added with a mail, sent again, removed at once; and who may do what."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from parish_requests.models import ContactMail, ParishContact, RestoreRequest
from tests.console.requests.rows import make_contact_row, make_request_row
from tests.people import count_queries, make_client, read_page
from tests.rows import make_tenant_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]
LIST = "/admin/parish_requests/parishcontact/"
VIEW, ADD, CHANGE, DELETE = (f"parish_requests.{verb}_parishcontact" for verb in ("view", "add", "change", "delete"))
TENANT = "tenants.view_tenant"


def _values(**changes: object) -> dict[str, object]:
    tenant = make_tenant_row()
    given = {"tenant": tenant.pk, "name": "Jeanne Martin", "mail": "Jeanne@Example.org", "may_ask": "on", **changes}
    return {name: value for name, value in given.items() if value is not None}


def test_a_contact_is_added_and_asked_to_confirm() -> None:
    client = make_client(ADD, VIEW, TENANT, name="anne")
    answer = client.post(f"{LIST}add/", _values(), follow=True)
    assert answer.status_code == 200
    contact = ParishContact.objects.get()
    assert (contact.mail, contact.created_by, contact.confirmed_at) == ("jeanne@example.org", "anne", None)
    assert contact.may_ask and not contact.is_informed
    (mail,) = ContactMail.objects.filter(address="jeanne@example.org")
    assert "/paroisse/confirmer/" in mail.body and mail.is_secret
    page = read_page(client, LIST)
    assert "en attente de confirmation" in page
    # The link is for whoever has the mailbox, not for whoever looks at the pages.
    link = mail.body.partition("/paroisse/confirmer/")[2].split()[0]
    assert link not in page and link not in read_page(client, f"{LIST}{contact.pk}/change/")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mail": "no address"}, "mail"),
        ({"mail": "jeanne@exämple.org"}, "mail"),
        ({"name": "  "}, "name"),
        ({"may_ask": None}, "is_informed"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(changes: dict[str, object], field: str) -> None:
    answer = make_client(ADD, VIEW, TENANT).post(f"{LIST}add/", _values(**changes))
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    assert not ParishContact.objects.exists() and not ContactMail.objects.exists()


def test_an_address_is_once_in_a_parish_and_may_be_in_several() -> None:
    client = make_client(ADD, VIEW, TENANT)
    make_contact_row(mail="jeanne@example.org")
    refused = client.post(f"{LIST}add/", _values())
    assert "mail" in refused.context["adminform"].form.errors and ParishContact.objects.count() == 1
    other = make_tenant_row("sainte-marie")
    assert client.post(f"{LIST}add/", _values(tenant=other.pk)).status_code == 302
    assert ParishContact.objects.filter(mail="jeanne@example.org").count() == 2


def test_the_mail_is_sent_again_to_one_that_has_not_answered() -> None:
    client = make_client(CHANGE, VIEW, TENANT)
    waiting = make_contact_row(mail="a@example.org", confirmed_at=None)
    before = waiting.confirmation_sha256
    page = read_page(client, f"{LIST}{waiting.pk}/change/")
    assert "Renvoyer le courriel" in page
    assert client.get(f"{LIST}{waiting.pk}/resend/").status_code == 405
    assert "en route vers a@example.org" in client.post(f"{LIST}{waiting.pk}/resend/", follow=True).content.decode()
    waiting.refresh_from_db()
    assert waiting.confirmation_sha256 not in ("", before) and ContactMail.objects.count() == 1
    # A second click fills nobody's mailbox, and says so.
    client.post(f"{LIST}{waiting.pk}/resend/", follow=True)
    assert ContactMail.objects.count() == 1
    confirmed = make_contact_row(mail="b@example.org")
    assert "Renvoyer le courriel" not in read_page(client, f"{LIST}{confirmed.pk}/change/")
    client.post(f"{LIST}{confirmed.pk}/resend/")
    assert ContactMail.objects.count() == 1
    assert client.post(f"{LIST}{confirmed.pk + 1}/resend/").status_code == 404


def test_what_a_contact_may_do_is_changed_and_its_address_is_not() -> None:
    client = make_client(CHANGE, VIEW, TENANT)
    contact = make_contact_row(mail="a@example.org")
    other = make_tenant_row("sainte-marie")
    changed = _values(tenant=other.pk, mail="evil@example.org", name="Jeanne Roth", may_ask=None, is_informed="on")
    assert client.post(f"{LIST}{contact.pk}/change/", changed).status_code == 302
    contact.refresh_from_db()
    assert (contact.name, contact.mail, contact.tenant.slug) == ("Jeanne Roth", "a@example.org", "saint-paul")
    assert contact.confirmed_at is not None and (contact.may_ask, contact.is_informed) == (False, True)


def test_a_contact_is_removed_after_asking_and_its_requests_stay() -> None:
    client = make_client(DELETE, VIEW, TENANT)
    contact = make_contact_row(name="Jeanne Martin")
    request = make_request_row(contact=contact)
    page = read_page(client, f"{LIST}{contact.pk}/delete/")
    assert "Demandes ouvertes de ce contact" in page and ParishContact.objects.exists()
    assert client.post(f"{LIST}{contact.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not ParishContact.objects.exists()
    kept = RestoreRequest.objects.get(pk=request.pk)
    assert (kept.asked_by, kept.asked_name) == (None, "Jeanne Martin")


def test_the_list_is_narrowed() -> None:
    client = make_client(VIEW, TENANT)
    make_contact_row(name="Anne Weber", mail="a@example.org")
    make_contact_row("sainte-marie", name="Paul Roth", mail="p@example.org", confirmed_at=None)
    tenant = make_tenant_row("sainte-marie")
    for query, names in (
        ("", {"Anne Weber", "Paul Roth"}),
        ("?confirmed=yes", {"Anne Weber"}),
        ("?confirmed=no", {"Paul Roth"}),
        ("?confirmed=perhaps", {"Anne Weber", "Paul Roth"}),
        (f"?tenant__id__exact={tenant.pk}", {"Paul Roth"}),
        ("?q=weber", {"Anne Weber"}),
    ):
        page = client.get(LIST + query, follow=True).content.decode()
        assert {name for name in ("Anne Weber", "Paul Roth") if name in page} == names, query


def test_the_parish_s_page_shows_its_contacts_to_those_who_may_see_them() -> None:
    tenant = make_tenant_row()
    contact = make_contact_row(name="Anne Weber")
    make_contact_row("sainte-marie", name="Paul Roth", mail="p@example.org")
    address = f"/admin/tenants/tenant/{tenant.pk}/change/"
    assert "Anne Weber" not in read_page(make_client(TENANT, name="stranger"), address)
    page = read_page(make_client(TENANT, VIEW, name="reader"), address)
    assert "Anne Weber" in page and "confirmée" in page and "Paul Roth" not in page
    assert "Ajouter un contact" not in page and f"{contact.pk}/delete/" not in page
    page = read_page(make_client(TENANT, VIEW, ADD, DELETE, name="anne"), address)
    assert f"{LIST}add/?tenant={tenant.pk}" in page and f"{LIST}{contact.pk}/delete/" in page
    empty = make_tenant_row("saint-jean")
    assert "Personne pour l’instant" in read_page(
        make_client(TENANT, VIEW, name="omar"), f"/admin/tenants/tenant/{empty.pk}/change/"
    )


def test_neither_the_list_nor_the_parish_s_page_asks_more_for_many() -> None:
    client = make_client(TENANT, VIEW, ADD, DELETE)
    address = f"/admin/tenants/tenant/{make_tenant_row().pk}/change/"
    make_contact_row()
    few = count_queries(client, LIST), count_queries(client, address)
    for number in range(40):
        make_contact_row(mail=f"n{number}@example.org", confirmed_at=None if number % 2 else timezone.now())
    assert (count_queries(client, LIST), count_queries(client, address)) == few
    assert "Tous les contacts de la paroisse" in read_page(client, address)


def test_permission_is_asked() -> None:
    contact = make_contact_row(confirmed_at=None, confirmation_sent_at=timezone.now() - timedelta(days=1))
    assert make_client(TENANT, name="stranger").get(LIST).status_code == 403
    reader = make_client(VIEW, TENANT, name="reader")
    assert "Renvoyer le courriel" not in read_page(reader, f"{LIST}{contact.pk}/change/")
    for address in (f"{LIST}{contact.pk}/resend/", f"{LIST}{contact.pk}/delete/", f"{LIST}add/"):
        assert reader.post(address, {**_values(), "post": "yes"}).status_code == 403, address
    reader.post(f"{LIST}{contact.pk}/change/", _values(name="Other"))
    contact.refresh_from_db()
    assert contact.name != "Other" and ParishContact.objects.count() == 1 and not ContactMail.objects.exists()
    assert Client().get(LIST).status_code == 302
