"""All that is decided by, for people and for programs."""

import pytest

from domain.states import InstanceState
from parish_requests.models import RequestEvent
from tests.commands import run_command, run_json
from tests.parish_requests.cast import WHY, make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_what_was_asked_what_would_happen_and_its_record() -> None:
    request = make_sent(make_instance_row(state=InstanceState.ACTIVE), wish="help")
    document = run_json("request_show", request.reference)[1]
    assert document["request"]["why"] == WHY and document["preview"]["outcome"]
    assert [event["what"] for event in document["record"]["events"]][:2] == ["begun", "submit"]
    out = run_command("request_show", request.reference)[1]
    assert WHY in out and f"--seen {document['preview']['preview_sha256'][:12]}" in out
    RequestEvent.objects.filter(request=request, number=1).delete()
    assert "à partir de la ligne 1" in run_command("request_show", request.reference)[1]
