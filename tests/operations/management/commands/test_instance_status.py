"""instance_status: the row and what is really there."""

from collections.abc import Callable

import pytest

from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from tests.engines import FakeEngine
from tests.operations.management.commands.conftest import Answer
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_row_and_the_engine_s_view_are_told(answer: Answer, lines: Callable[..., str], engine: FakeEngine) -> None:
    make_instance_row(state=InstanceState.FAILED)
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    code, document = answer("instance_status", "saint-paul")
    assert (code, document["state"], document["tenant"]) == (0, "failed", "saint-paul")
    assert document["observed"]["initialised"] is True
    assert document["observed"]["components"]["db"]["phase"] == "ready"
    assert document["next_actions"] == [
        "provision",
        "suspend",
        "resume",
        "renew",
        "backup",
        "verify",
        "browse",
        "prove",
        "restore",
        "prune",
        "prune_copies",
        "delete",
        "adopt",
    ]
    shown = lines("instance_status", "saint-paul")
    assert "saint-paul: en échec" in shown and "prêt" in shown
    assert "Possible maintenant\xa0: installation, suspension, reprise" in shown
    assert "httpd" in shown
    assert engine.list_effects("saint-paul") == []


def test_an_unknown_instance_is_named(answer: Answer) -> None:
    assert answer("instance_status", "nowhere")[1]["error"]["params"]["name"] == "nowhere"
