"""Refused with a reason that the parish reads; once."""

import pytest

from domain.states import InstanceState
from parish_requests.models import ContactMail
from tests.commands import run_json
from tests.parish_requests.cast import make_person, make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_the_parish_reads_the_reason() -> None:
    make_person()
    request = make_sent(make_instance_row(state=InstanceState.ACTIVE), wish="help")
    words = ("request_refuse", request.reference, "--as", "marc", "--reason")
    assert run_json(*words, " ")[1]["error"]["code"] == "request_text_invalid"
    assert run_json(*words, "C’est trop ancien.")[1]["request"]["refusal"] == "C’est trop ancien."
    assert "C’est trop ancien." in ContactMail.objects.order_by("-pk")[0].body
    assert run_json(*words, "Encore.")[1]["error"]["code"] == "request_state_forbids"
