"""Each signal says something only while it is known; the two together say since when it is quiet."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from finops.usage.idleness import LOGINS_TRUSTED, VISITS_TRUSTED, IdleSince, SeenActivity, compute_idle_since

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MOMENTS = st.none() | st.integers(min_value=0, max_value=500).map(lambda days: NOW - timedelta(days=days))


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def look(*, awake_since: datetime | None = None, **seen: datetime) -> IdleSince:
    return compute_idle_since(SeenActivity(**seen), awake_since=awake_since or ago(400), now=NOW)


def test_what_nobody_looked_for_is_not_known() -> None:
    assert look() == IdleSince() and IdleSince().since is None
    assert look(visited_at=ago(200), login_at=ago(200)) == IdleSince(), "facts of a look that we do not have"


def test_a_visit_counts_from_its_day_on() -> None:
    quiet = look(visited_at=ago(95), visits_counted_since=ago(200), visits_looked_at=ago(1))
    assert quiet == IdleSince(visits=ago(95)) and quiet.since == ago(95)


def test_without_a_visit_it_is_quiet_since_visits_are_counted() -> None:
    assert look(visits_counted_since=ago(120), visits_looked_at=ago(1)).visits == ago(120)
    earlier = look(visited_at=ago(200), visits_counted_since=ago(120), visits_looked_at=ago(1))
    assert earlier.visits == ago(120), "between the two nobody counted"


def test_visits_that_are_not_counted_say_nothing() -> None:
    assert look(visited_at=ago(200), visits_looked_at=ago(1)).visits is None


def test_never_logged_in_counts_since_people_can_come() -> None:
    assert look(logins_looked_at=ago(1)).logins == ago(400)
    assert look(logins_looked_at=ago(1), awake_since=ago(10)).logins == ago(10)


def test_what_was_before_it_was_resumed_does_not_count() -> None:
    quiet = look(
        login_at=ago(300), logins_looked_at=ago(1), visited_at=ago(300), visits_counted_since=ago(350),
        visits_looked_at=ago(1), awake_since=ago(2),
    )  # fmt: skip
    assert quiet == IdleSince(visits=ago(2), logins=ago(2))


def test_old_looks_say_nothing() -> None:
    def at(visits: timedelta, logins: timedelta) -> IdleSince:
        return look(visits_counted_since=ago(99), visits_looked_at=NOW - visits, logins_looked_at=NOW - logins)

    second = timedelta(seconds=1)
    assert at(VISITS_TRUSTED, LOGINS_TRUSTED) == IdleSince(visits=ago(99), logins=ago(400))
    assert at(VISITS_TRUSTED + second, LOGINS_TRUSTED + second) == IdleSince()


def test_the_later_signal_decides() -> None:
    assert IdleSince(visits=ago(200), logins=ago(3)).since == ago(3)
    assert IdleSince(visits=ago(3), logins=ago(200)).since == ago(3)


@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS, MOMENTS)
def test_nobody_is_called_idle_before_the_last_that_was_seen(
    visited: datetime | None, counted: datetime | None, looked: datetime | None, login: datetime | None,
    looked_for: datetime | None,
) -> None:  # fmt: skip
    use = SeenActivity(
        visited_at=visited, visits_counted_since=counted, visits_looked_at=looked, login_at=login,
        logins_looked_at=looked_for,
    )  # fmt: skip
    quiet = compute_idle_since(use, awake_since=ago(450), now=NOW)
    for moment, known in ((visited, quiet.visits), (login, quiet.logins)):
        if known is not None:
            assert quiet.since is not None and quiet.since >= known >= max(ago(450), moment or ago(450))
