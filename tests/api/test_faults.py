"""What fails outside the API's views: JSON for programs, Django's pages for people."""

import json
import logging

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import Http404
from django.test import RequestFactory

from api.faults import show_bad_request, show_not_found, show_server_error
from domain.errors import CiviparoisseError

PEOPLE, PROGRAMS = "/admin/x", "/api/v1/x"


def test_programs_get_codes() -> None:
    request = RequestFactory().get(PROGRAMS)
    bad, missing = show_bad_request(request, SuspiciousOperation()), show_not_found(request, Http404())
    codes = [(answer.status_code, json.loads(answer.getvalue())["error"]["code"]) for answer in (bad, missing)]
    assert codes == [(400, "bad_request"), (404, "address_unknown")]


def test_people_get_pages() -> None:
    request = RequestFactory().get(PEOPLE)
    answers = [
        show_bad_request(request, SuspiciousOperation()),
        show_not_found(request, Http404()),
        show_server_error(request),
    ]
    assert [answer.status_code for answer in answers] == [400, 404, 500]
    assert all(answer["Content-Type"].startswith("text/html") for answer in answers)


@pytest.mark.parametrize(
    ("fault", "status"), [(None, 500), (CiviparoisseError("database_unavailable", detail="hunter2"), 503)]
)
def test_parishes_are_told_so_in_french_and_not_led_to_the_administration(
    fault: CiviparoisseError | None, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.faults.find_own_fault", lambda _error: fault)
    answer = show_server_error(RequestFactory().get("/paroisse/demandes/"))
    page = answer.getvalue().decode()
    assert answer.status_code == status and "/admin" not in page and "hunter2" not in page
    assert 'href="/paroisse/"' in page and "Quelque chose" in page


def test_a_failure_in_the_middleware_tells_only_a_reference(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise RuntimeError("password=hunter2")
    except RuntimeError:
        with caplog.at_level(logging.ERROR, "api.exceptions"):
            answer = show_server_error(RequestFactory().get(PROGRAMS))
    body = answer.getvalue().decode()
    assert answer.status_code == 500 and "hunter2" not in body
    assert caplog.messages[0].split()[-1] in body and "hunter2" in caplog.text
