"""A record that was changed is found, and the exit code says so."""

import pytest

from domain.states import InstanceState
from parish_requests.models import RequestEvent, RestoreRequest
from tests.commands import run_command, run_json
from tests.parish_requests.cast import make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> list[RestoreRequest]:
    """Requests of two parishes."""
    slugs = ("saint-paul", "saint-jean")
    return [make_sent(make_instance_row(slug, state=InstanceState.ACTIVE), wish="help") for slug in slugs]


def test_all_are_whole(pair: list[RestoreRequest]) -> None:
    assert run_json("request_verify") == (0, {"checked": len(pair), "broken": []})


@pytest.mark.parametrize("harm", ["changed", "removed", "last"])
def test_a_changed_or_removed_line_is_found(pair: list[RestoreRequest], harm: str) -> None:
    events = RequestEvent.objects.filter(request=pair[0]).order_by("number")
    if harm == "changed":
        events.filter(number=1).update(actor_kind="staff")
    elif harm == "removed":
        events.filter(number=1).delete()
    else:
        RequestEvent.objects.filter(pk__in=[row.pk for row in events if row.number > 1]).delete()
    code, answer = run_json("request_verify")
    assert code == 2 and [row["reference"] for row in answer["broken"]] == [pair[0].reference]
    assert run_command("request_verify", pair[1].reference)[0] == 0
    assert run_command("request_verify", pair[0].reference)[0] == 2
