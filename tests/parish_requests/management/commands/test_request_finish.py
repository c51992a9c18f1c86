"""What people did, or answer, goes by mail to whoever asked, word by word; nobody who asked does it."""

import pytest

from domain.states import InstanceState
from parish_requests.models import ContactMail
from tests.commands import run_json
from tests.parish_requests.cast import approve, make_person, make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
TEXT = "Le formulaire est réparé.\nRéessayez demain."


def test_help_is_answered_and_done() -> None:
    marc = make_person()
    request = make_sent(make_instance_row(state=InstanceState.ACTIVE), wish="help")
    words = (request.reference, "--text", TEXT, "--as", "marc")
    assert run_json("request_finish", *words)[1]["error"]["code"] == "request_state_forbids"
    approve(request, marc)
    assert run_json("request_finish", *words, "--dry-run")[1]["request"]["state"] == "done"
    request.refresh_from_db()
    assert request.state == "approved"
    assert run_json("request_finish", *words)[1]["request"]["state"] == "done"
    mail = ContactMail.objects.latest("pk")
    assert mail.address == request.asked_mail and TEXT in mail.body
    assert run_json("request_finish", *words)[1]["error"]["code"] == "request_state_forbids"


def test_what_the_manager_does_is_not_noted_by_hand() -> None:
    marc = make_person()
    request = make_sent(make_instance_row(state=InstanceState.ACTIVE), wish="backup")
    approve(request, marc)
    answer = run_json("request_finish", request.reference, "--text", "x", "--as", "marc")[1]
    assert answer["error"]["code"] == "request_not_by_hand"
