"""Limits of one hour, for an address and for a network, hold however many ask at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from domain.errors import CiviparoisseError
from parish_site.limits import (
    LINKS_PER_ADDRESS,
    LINKS_PER_NETWORK,
    TRIES_PER_NETWORK,
    count_link,
    count_try,
    find_network,
    forget_attempts,
)
from parish_site.models import Attempt

NOON = datetime(2026, 11, 30, 12, 20, tzinfo=UTC)
THREADS = 4


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nowhere", "nowhere"),
        ("", ""),
    ],
)
def test_neighbours_are_one_network(address: str, network: str) -> None:
    assert find_network(address) == network


def try_link(mail: str, origin: str, now: datetime = NOON) -> bool:
    """Return whether one more link may be asked for."""
    try:
        count_link(mail, origin, now=now)
    except CiviparoisseError as error:
        assert error.code == "door_too_often" and error.params["time"] == "14:00"
        return False
    return True


@pytest.mark.django_db
def test_an_address_is_sent_so_many_links_an_hour_wherever_it_is_asked_from() -> None:
    asked = [try_link("a@example.org", f"198.51.{number}.1") for number in range(LINKS_PER_ADDRESS + 3)]
    assert asked == [True] * LINKS_PER_ADDRESS + [False] * 3
    assert try_link("b@example.org", "198.51.0.1")
    count_link("a@example.org", "198.51.0.1", now=NOON + timedelta(hours=1))


@pytest.mark.django_db
def test_a_network_asks_for_so_many_an_hour_whatever_the_addresses() -> None:
    asked = [try_link(f"{number}@example.org", f"192.0.2.{number}") for number in range(LINKS_PER_NETWORK + 2)]
    assert asked == [True] * LINKS_PER_NETWORK + [False] * 2
    assert try_link("z@example.org", "192.0.3.1")


@pytest.mark.django_db
def test_tries_of_a_network_are_limited() -> None:
    for _number in range(TRIES_PER_NETWORK):
        count_try("192.0.2.1", now=NOON)
    with pytest.raises(CiviparoisseError, match="14:00") as refused:
        count_try("192.0.2.200", now=NOON)
    assert refused.value.code == "door_too_often"
    count_try("192.0.3.1", now=NOON)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_come_through() -> None:
    def ask(_number: int) -> bool:
        try:
            return try_link("a@example.org", "192.0.2.1")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        asked = list(pool.map(ask, range(LINKS_PER_ADDRESS * 3)))
    assert sum(asked) == LINKS_PER_ADDRESS


@pytest.mark.django_db
def test_no_address_is_kept_and_past_hours_are_forgotten() -> None:
    count_link("a@example.org", "192.0.2.1", now=NOON)
    assert all("example" not in row.key and len(row.key) == 64 for row in Attempt.objects.all())
    assert forget_attempts(now=NOON) == 0
    assert forget_attempts(now=NOON + timedelta(hours=1)) == 2
    assert not Attempt.objects.exists()
