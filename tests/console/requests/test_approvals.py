"""Who has approved, who is still needed, and which limit asks for a second person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from console.requests.approvals import describe_approvals, list_reasons
from domain.parish_requests import RequestState
from domain.states import InstanceState
from parish_requests.models import RequestApproval, RequestRules, RestoreRequest
from parish_requests.preview_documents import compare_sides
from tenants.models import Instance
from tests.console.requests.rows import make_request_row, set_state

MOMENT = datetime(2026, 11, 2, 2, 10, tzinfo=UTC)
RULES = RequestRules(second_from_lost_percent=5, second_from_days=14)


def _make(*, lost: int, days: int, is_failed: bool = False) -> RestoreRequest:
    then = {"at": int(MOMENT.timestamp()), "counts": {"contributions": {"count": 100 - lost, "last": 9}}}
    now = {"at": int(MOMENT.timestamp()) + 60, "counts": {"contributions": {"count": 100, "entered": lost}}}
    preview: dict[str, Any] = compare_sides(scope="everything", moment=MOMENT, then=then, now=now, warnings=[])
    instance = Instance(state=InstanceState.FAILED if is_failed else InstanceState.ACTIVE)
    return RestoreRequest(instance=instance, preview=preview, previewed_at=MOMENT + timedelta(days=days))


@pytest.mark.parametrize(
    ("lost", "days", "said"),
    [
        (0, 1, []),
        (4, 13, []),
        (5, 13, ["5\u00a0% des contributions"]),
        (0, 14, ["14 jours"]),
        (50, 20, ["50\u00a0% des contributions", "20 jours"]),
    ],
)
def test_the_limit_that_is_crossed_is_named(lost: int, days: int, said: list[str]) -> None:
    with translation.override("fr"):
        told = list_reasons(_make(lost=lost, days=days), RULES)
    assert len(told) == len(said) and all(text in line for text, line in zip(said, told, strict=True))


def test_a_failed_instance_gives_no_safety_copy() -> None:
    with translation.override("fr"):
        (told,) = list_reasons(_make(lost=0, days=1, is_failed=True), RULES)
    assert "copie de sécurité" in told


def test_what_is_not_known_is_said_not_to_be_known() -> None:
    with translation.override("fr"):
        assert "n’est pas connu" in list_reasons(RestoreRequest(), RULES)[0]


@pytest.mark.django_db
@pytest.mark.usefixtures("defaults", "engine")
def test_who_has_approved_stays_on_the_page_and_who_is_needed_while_it_waits() -> None:
    request = make_request_row()
    RestoreRequest.objects.filter(pk=request.pk).update(approvals_needed=2)
    request.refresh_from_db()
    with translation.override("fr"):
        (line,) = describe_approvals(request)
        assert line.startswith("2 personnes différentes")
        RequestApproval.objects.create(request=request, by="omar", at=timezone.now(), preview_sha256="0" * 64)
        first, second = describe_approvals(request)
        assert "omar" in first and second.startswith("1 autre personne")
        set_state(request, RequestState.APPROVED)
        assert len(describe_approvals(request)) == 1
