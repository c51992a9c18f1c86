"""Personal data goes some time after the end; the record stays verifiable, and nothing that is open loses anything."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from parish_requests.actors import MANAGER
from parish_requests.asking import rate_result, withdraw_request
from parish_requests.erasing import erase_old, erase_request, list_due, subtract_months
from parish_requests.export import export_record
from parish_requests.models import ContactMail, RestoreRequest
from parish_requests.post import write_mail
from parish_requests.record import find_record_break
from parish_requests.tasks import run_erase
from tests.parish_requests.cast import DAY, WHY, make_parish, make_sent

pytestmark = pytest.mark.django_db

PERSONAL = ("Jeanne", "jeanne@", WHY, "192.0.2.7", "photo.jpg", "téléphone")


def make_ended() -> RestoreRequest:
    """Return a request that was taken back, with everything personal in it."""
    request, now = make_sent(make_parish(), scope="part", part="sites/photo.jpg"), timezone.now()
    RestoreRequest.objects.filter(pk=request.pk).update(
        channel="par téléphone", satisfied_why="Jeanne", refusal="Jeanne"
    )
    write_mail("jeanne@example.org", "Jeanne", WHY, request=request, now=now)
    return withdraw_request(request, actor=MANAGER, now=now)


def list_all_texts(request: RestoreRequest) -> str:
    rows = [RestoreRequest.objects.filter(pk=request.pk), request.events.all(), ContactMail.objects.all()]
    return str([list(row.values()) for row in rows])


def test_after_its_time_nothing_personal_is_left() -> None:
    request = make_ended()
    assert all(text in list_all_texts(request) for text in PERSONAL)
    assert erase_old(now=timezone.now() + 729 * DAY) == 0
    assert erase_old(now=timezone.now() + 732 * DAY) == 1
    left = list_all_texts(request)
    assert [text for text in PERSONAL if text in left] == []
    request.refresh_from_db()
    assert find_record_break(request) is None
    assert (request.state, request.wish, request.asked_by) == ("withdrawn", "restore", None)
    assert "Jeanne" not in export_record(request)
    assert erase_old(now=timezone.now() + 800 * DAY) == 0, "once"


def test_what_was_said_after_it_was_erased_is_erased_too() -> None:
    request, now = make_ended(), timezone.now()
    RestoreRequest.objects.update(state="done")
    assert erase_request(request, now=now)
    rate_result(request, is_satisfied=False, why="Jeanne", actor=MANAGER, now=now)
    assert list(list_due(now=now + 740 * DAY)) == [request]
    erase_old(now=now + 740 * DAY)
    assert "Jeanne" not in list_all_texts(request)
    assert list(list_due(now=now + 740 * DAY)) == []


def test_what_is_open_keeps_everything() -> None:
    request, now = make_sent(make_parish()), timezone.now()
    assert erase_old(now=now + 4000 * DAY) == 0 and not erase_request(request, now=now)
    request.refresh_from_db()
    assert request.asked_name == "Jeanne Weiss"


def test_the_setting_and_the_given_months_count(settings: object) -> None:
    make_ended()
    settings.REQUESTS_ERASED_AFTER_MONTHS = 3  # type: ignore[attr-defined]
    now = timezone.now() + 100 * DAY
    assert list_due(now=now).count() == 1 and list_due(now=now, months=6).count() == 0


def test_the_clock_erases() -> None:
    request = make_ended()
    RestoreRequest.objects.filter(pk=request.pk).update(ended_at=timezone.now() - 800 * DAY)
    run_erase()
    assert "Jeanne" not in list_all_texts(request)


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        ((2026, 11, 30), 1, (2026, 10, 30)),
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2028, 3, 31), 1, (2028, 2, 29)),
        ((2026, 1, 15), 1, (2025, 12, 15)),
        ((2026, 12, 1), 24, (2024, 12, 1)),
        ((2026, 12, 1), 12, (2025, 12, 1)),
    ],
)
def test_months_before(day: tuple[int, int, int], months: int, wanted: tuple[int, int, int]) -> None:
    assert subtract_months(datetime(*day, 3, tzinfo=UTC), months) == datetime(*wanted, 3, tzinfo=UTC)
