"""Requests, the newest first, narrowed by what is given."""

import pytest

from domain.states import InstanceState
from parish_requests.models import RestoreRequest
from tests.commands import run_command, run_json
from tests.parish_requests.cast import make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_by_parish_state_and_reference_of_the_helpdesk() -> None:
    first = make_sent(make_instance_row(state=InstanceState.ACTIVE), wish="help")
    second = make_sent(
        make_instance_row("saint-jean", state=InstanceState.ACTIVE), wish="help", external_reference="GLPI-7"
    )
    RestoreRequest.objects.filter(pk=first.pk).update(state="done")

    def list_references(*words: str) -> list[str]:
        return [row["reference"] for row in run_json("request_list", *words)[1]["requests"]]

    assert list_references() == [second.reference, first.reference]
    assert list_references("--open") == list_references("--external-reference", "GLPI-7") == [second.reference]
    assert list_references("--tenant", "saint-paul") == list_references("--state", "done") == [first.reference]
    assert list_references("--limit", "1") == [second.reference]
    out = run_command("request_list")[1]
    assert second.reference in out and "attend une réponse de l’UEPAL" in out
