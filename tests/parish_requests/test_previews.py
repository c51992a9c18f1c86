"""The preview that a request carries: kept with how many must approve it, empty where nothing is replaced."""

from typing import Any

import pytest
from django.utils import timezone

from domain.states import InstanceState
from parish_requests import previews
from parish_requests.models import RestoreRequest
from parish_requests.preview_documents import digest_preview
from parish_requests.previews import get_digest, look_ahead, needs_preview
from tenants.models import Instance
from tests.parish_requests.cast import make_draft, make_parish

pytestmark = pytest.mark.django_db


def test_what_replaces_nothing_has_an_empty_one() -> None:
    request = look_ahead(make_draft(make_parish(), wish="backup"), now=timezone.now())
    assert not needs_preview(request) and request.preview == {}
    assert (request.previewed_at, request.approvals_needed) == (None, 1)
    assert get_digest(request) == digest_preview({})


def test_it_is_kept_with_the_number_of_approvals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of whose state no safety copy can be promised, two approve, whatever is lost."""
    instance, now = make_parish(), timezone.now()
    document: dict[str, Any] = {"scope": "files", "figures": [], "lost": {}, "warnings": [], "is_whole": True}
    monkeypatch.setattr(previews, "make_preview", lambda _request, *, now: document)  # noqa: ARG005
    request = look_ahead(make_draft(instance, scope="files"), now=now)
    kept = RestoreRequest.objects.get(pk=request.pk)
    assert (kept.preview, kept.previewed_at, kept.approvals_needed) == (document, now, 1)
    assert get_digest(kept) == digest_preview(document)
    Instance.objects.update(state=InstanceState.FAILED)
    kept.refresh_from_db()
    assert look_ahead(RestoreRequest.objects.get(pk=kept.pk), now=now).approvals_needed == 2
