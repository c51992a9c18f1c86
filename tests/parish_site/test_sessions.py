"""A session lasts 30 minutes from the last page, eight hours in all, and not longer than its contact."""

from datetime import UTC, datetime, timedelta

import pytest

from parish_site.keys import make_secret
from parish_site.models import DoorSession
from parish_site.sessions import end_session, find_session, forget_sessions, start_session
from tests.parish_site.people import make_contact_row

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_it_ends_30_minutes_after_the_last_page() -> None:
    contact = make_contact_row()
    secret = start_session(contact, now=NOW)
    for minutes in (0, 29, 58):
        found = find_session(secret, now=after(minutes))
        assert found is not None and found.contact == contact
    assert find_session(secret, now=after(88)) is None
    assert find_session(secret, now=after(58)) is not None, "looked at too late, it was not prolonged"


def test_nobody_stays_longer_than_eight_hours() -> None:
    secret = start_session(make_contact_row(), now=NOW)
    seen = [minutes for minutes in range(0, 600, 20) if find_session(secret, now=after(minutes))]
    assert seen == list(range(0, 480, 20))


def test_only_a_digest_is_kept_and_a_guess_opens_nothing() -> None:
    secret = start_session(make_contact_row(), now=NOW)
    row = DoorSession.objects.get()
    assert secret not in (row.sha256, str(row.__dict__))
    for guess in ("", make_secret(), row.sha256, secret[:-1], f"{secret}x", "\x00" * len(secret), "é" * len(secret)):
        assert find_session(guess, now=NOW) is None


def test_it_ends_when_somebody_leaves_or_is_removed() -> None:
    contact = make_contact_row()
    first, second, third = (start_session(contact, now=NOW) for _number in range(3))
    end_session(first)
    assert find_session(first, now=NOW) is None and find_session(second, now=NOW) is not None
    type(contact).objects.update(confirmed_at=None)
    assert find_session(second, now=NOW) is None
    type(contact).objects.update(confirmed_at=NOW)
    contact.delete()
    assert find_session(second, now=NOW) is None and find_session(third, now=NOW) is None
    assert not DoorSession.objects.exists()


def test_what_is_over_is_deleted() -> None:
    contact = make_contact_row()
    start_session(contact, now=NOW)
    kept = start_session(contact, now=after(5))
    assert forget_sessions(now=after(30)) == 1
    assert find_session(kept, now=after(30)) is not None


def test_a_page_writes_at_most_once_a_minute(django_assert_num_queries: object) -> None:
    secret = start_session(make_contact_row(), now=NOW)
    with django_assert_num_queries(1):  # type: ignore[operator]
        find_session(secret, now=after(0.5))
    with django_assert_num_queries(2):  # type: ignore[operator]
        find_session(secret, now=after(2))
