"""What changed beyond the tolerance between approval and beginning is approved anew."""

from typing import Any

import pytest
from django.utils import timezone

from parish_requests import reconsidering
from parish_requests.models import RestoreRequest
from parish_requests.reconsidering import reconsider_changed
from parish_requests.record import find_record_break
from tests.parish_requests.cast import HOUR, list_lines, make_approved, make_parish

pytestmark = pytest.mark.django_db


def see(monkeypatch: pytest.MonkeyPatch, document: dict[str, Any]) -> None:
    monkeypatch.setattr(reconsidering, "make_preview", lambda _request, *, now: document)  # noqa: ARG005


def test_the_same_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    request = make_approved(make_parish())
    see(monkeypatch, request.preview)
    assert reconsider_changed(request, now=timezone.now()) is False
    assert request.state == "approved" and request.approvals.exists()


def test_what_needs_no_preview_goes_on() -> None:
    assert reconsider_changed(make_approved(make_parish(), wish="backup"), now=timezone.now()) is False


def test_more_loss_is_approved_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    request, now = make_approved(make_parish()), timezone.now()
    worse = {**request.preview, "lost": {"contacts": 400}}
    see(monkeypatch, worse)
    RestoreRequest.objects.filter(pk=request.pk).update(not_before=now, warned_at=now)
    assert reconsider_changed(request, now=now) is True
    request.refresh_from_db()
    assert (request.state, request.preview, request.previewed_at) == ("submitted", worse, now)
    assert (request.not_before, request.warned_at, request.decided_at) == (None, None, None)
    assert request.expires_at == now + 72 * HOUR and not request.approvals.exists()
    assert list_lines(request)[-1] == "reconsider" and find_record_break(request) is None
