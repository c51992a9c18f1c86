"""What a mail to a contact says, in French and on one line of subject."""

from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from parish_requests.models import RequestRules
from parish_requests.post import write_mail

pytestmark = pytest.mark.django_db


def test_it_carries_the_telephone_and_the_address_of_the_site(settings: Any) -> None:
    settings.PUBLIC_URL = "https://civiparoisse.example.org"
    RequestRules.objects.create(telephone="+33 3 88 25 90 00")
    now = timezone.now()
    with override("en"):
        mail = write_mail(
            "jeanne@example.org", "Votre demande\N{NO-BREAK SPACE}!\nBcc: x@example.org", "Bonjour\n\n", now=now
        )
    assert (
        mail.subject == "Votre demande\N{NO-BREAK SPACE}! Bcc: x@example.org" and mail.due_at == mail.created_at == now
    )
    assert mail.body == (
        "Bonjour\n\n-- \nUEPAL – Civiparoisse\nTéléphone\N{NO-BREAK SPACE}: +33 3 88 25 90 00\n"
        "https://civiparoisse.example.org/paroisse/\n"
    )


def test_without_rules_it_is_written_too_and_each_has_its_own_identifier() -> None:
    now = timezone.now()
    mails = [write_mail("jeanne@example.org", "s" * 300, "b", now=now) for _time in range(2)]
    assert len({mail.message_id for mail in mails}) == 2 and len(mails[0].subject) == 200
    assert "Téléphone" not in mails[0].body
