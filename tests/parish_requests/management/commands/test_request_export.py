"""The record as one text for people; with --json inside a document."""

import pytest

from domain.states import InstanceState
from tests.commands import run_command, run_json
from tests.parish_requests.cast import WHY, make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_the_whole_record_as_one_text() -> None:
    request = make_sent(make_instance_row(state=InstanceState.ACTIVE), wish="help")
    code, out, _err = run_command("request_export", request.reference)
    assert code == 0 and request.reference in out and WHY in out
    assert run_json("request_export", request.reference)[1]["reference"] == request.reference
    assert run_command("request_export", "ZZZZ-ZZZZ")[0] == 1
