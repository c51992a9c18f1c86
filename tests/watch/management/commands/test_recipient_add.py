"""Somebody new is told; what cannot be told is refused."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from watch.models import Recipient

pytestmark = pytest.mark.django_db


def test_a_person_and_a_program() -> None:
    call_command("recipient_add", "anne", "anne@example.org", no_digest=True, critical=True)
    out = StringIO()
    call_command("recipient_add", "desk", "https://desk.example.org/in", webhook=True, stdout=out)
    anne, desk = Recipient.objects.get(name="anne"), Recipient.objects.get(name="desk")
    assert (anne.kind, anne.least_level, anne.has_digest, anne.secret) == ("mail", "critical", False, "")
    assert desk.kind == "webhook" and desk.secret in out.getvalue()


@pytest.mark.parametrize(("name", "address"), [("anne", "nobody"), ("", "a@example.org"), ("x" * 81, "a@example.org")])
def test_what_is_refused_is_not_kept(name: str, address: str) -> None:
    with pytest.raises((SystemExit, CommandError)):
        call_command("recipient_add", name, address)
    assert not Recipient.objects.exists()


def test_a_name_is_given_once() -> None:
    call_command("recipient_add", "anne", "anne@example.org")
    with pytest.raises((SystemExit, CommandError)):
        call_command("recipient_add", "anne", "other@example.org")
    assert Recipient.objects.get().address == "anne@example.org"
