"""No page of the parishes' site has an English word, whatever the browser speaks; nor has the mail with the link."""

from collections.abc import Iterator

import pytest
from django.test import Client

from parish_requests.models import ContactMail, RestoreRequest
from tenants.models import Instance
from tests.french import find_english, list_page_texts
from tests.parish_requests.cast import make_draft, make_sent
from tests.parish_site.people import ask, enter, make_contact_row, read_link

# What people typed, and names.
GIVEN = {"import"}
BackedUp = tuple[Instance, str]


def list_pages(inside: Client, backup_id: str, sent: RestoreRequest) -> Iterator[tuple[Client, str, dict[str, str]]]:
    """Yield (browser, address, query) of every page."""
    outside = Client()
    for address in ("", "?dehors=1", "code/", "entrer/x", "confirmer/x", "nothing"):
        yield outside, f"/paroisse/{address}", {}
    answers = {"cause": "deleted", "moment": backup_id}
    for address in ("", "demander/", "demander/autre/backup/", "demander/autre/practice/", "demander/autre/help/"):
        yield inside, f"/paroisse/{address}", {}
    for address in ("moment/", "etendue/", "raison/"):
        yield inside, f"/paroisse/demander/{address}", answers
    yield inside, "/paroisse/demander/raison/", {**answers, "extent": "data"}
    yield inside, "/paroisse/demander/fichier/", {**answers, "extent": "part"}
    yield inside, "/paroisse/demandes/", {}
    yield inside, f"/paroisse/demandes/{sent.reference}/", {}


@pytest.mark.django_db
def test_no_page_and_no_mail_has_an_english_word(backed_up: BackedUp) -> None:
    instance, backup_id = backed_up
    make_draft(instance, contact=make_contact_row())
    sent = make_sent(instance)
    inside = enter(sent.asked_by)  # type: ignore[arg-type]
    wrong, seen = {}, 0
    for browser, address, query in list_pages(inside, backup_id, sent):
        page = browser.get(address, query, headers={"accept-language": "en"}).content.decode()
        seen += 1
        if found := [word for text in list_page_texts(page) for word in find_english(text) if word not in GIVEN]:
            wrong[address] = found
    ask(Client())
    read_link()
    mail = ContactMail.objects.filter(is_secret=True).latest("pk")
    assert wrong == {} and seen > 15
    assert [word for word in find_english(f"{mail.subject}\n{mail.body}") if word not in GIVEN] == []
