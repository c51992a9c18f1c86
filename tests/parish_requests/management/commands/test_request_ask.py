"""A question goes to the parish by mail, and the request waits for the answer."""

import pytest

from domain.states import InstanceState
from parish_requests.models import ContactMail
from tests.commands import run_command, run_json
from tests.parish_requests.cast import make_person, make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_the_parish_is_asked() -> None:
    make_person()
    request = make_sent(make_instance_row(state=InstanceState.ACTIVE), wish="help")
    answer = run_json("request_ask", request.reference, "--text", "Quel jour ?", "--as", "marc")[1]
    assert answer["request"]["state"] == "question"
    assert "Quel jour ?" in ContactMail.objects.order_by("-pk")[0].body
    code, out, _err = run_command("request_ask", request.reference, "--text", "Et ?", "--as", "marc")
    assert code == 1 and out == ""
