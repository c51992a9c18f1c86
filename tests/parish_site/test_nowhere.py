"""What is no address of the site is answered by a page of the site, never by the administration's."""

import pytest
from django.test import Client

from tests.parish_site.people import enter, make_contact_row


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["nothing", "demander", "demandes/a/b/c/", "entrer/", "entrer/a/b", "../paroisse/é"]
)
def test_it_is_not_found_and_leads_back(address: str) -> None:
    for client in (Client(), enter(make_contact_row())):
        answer = client.get(f"/paroisse/{address}")
        page = answer.content.decode()
        assert answer.status_code == 404 and 'href="/paroisse/"' in page and "/admin/" not in page
