"""Contacts of parishes for tests, and their way in with Django's client."""

import re
from datetime import datetime

from django.test import Client
from django.utils import timezone

from parish_requests.models import ContactMail, ParishContact
from parish_site.doorway import SESSION_COOKIE
from parish_site.sessions import start_session
from parish_site.sign_in import send_links
from tenants.models import Tenant
from tests.rows import make_tenant_row

MAIL = "jeanne@saint-paul.example.org"
LINK = re.compile(r"/paroisse/entrer/([\w-]+)")
CODE = re.compile(r"^(\d{3}) (\d{3})\s*$", re.MULTILINE)


def make_contact_row(
    slug: str = "saint-paul", *, mail: str = MAIL, name: str = "Jeanne Martin", may_ask: bool = True
) -> ParishContact:
    """Return a contact of the parish `slug` whose address is confirmed."""
    tenant: Tenant = make_tenant_row(slug)
    return ParishContact.objects.create(
        tenant=tenant, name=name, mail=mail, may_ask=may_ask, confirmed_at=timezone.now()
    )


def enter(contact: ParishContact, *, now: datetime | None = None) -> Client:
    """Return a client that is in as `contact`."""
    client = Client()
    client.cookies[SESSION_COOKIE] = start_session(contact, now=now or timezone.now())
    return client


def ask(client: Client, mail: str = MAIL) -> None:
    """Ask for a link in the browser `client`."""
    answer = client.post("/paroisse/", {"mail": mail})
    assert (answer.status_code, answer["Location"]) == (302, "/paroisse/code/"), answer.content


def read_link() -> tuple[str, str]:
    """Have the links sent; return the address and the code of the newest mail."""
    send_links(now=timezone.now())
    body = ContactMail.objects.order_by("-pk")[0].body
    link, code = LINK.search(body), CODE.search(body)
    assert link and code, body
    return link[0], "".join(code.groups())
