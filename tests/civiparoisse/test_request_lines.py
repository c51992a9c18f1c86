"""Lines that a request causes carry its identifier and the person."""

import logging
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from domain.log_context import get_bound

pytestmark = pytest.mark.django_db


class Lines(logging.Handler):
    """Keeps what each line belongs to."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[dict[str, str]] = []

    def emit(self, _record: logging.LogRecord) -> None:
        self.seen.append(dict(get_bound()))


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    logging.getLogger("django.request").addHandler(handler)
    yield handler
    logging.getLogger("django.request").removeHandler(handler)


def test_the_answer_says_the_identifier_that_the_lines_carry(lines: Lines, client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert lines.seen == [{"request": answer["X-Request-ID"]}]
    answer.close()
    assert get_bound() == {}, "the next line of this thread belongs to nothing"


def test_a_proxys_identifier_is_kept_and_a_forged_one_is_not(client: Client) -> None:
    assert client.get("/healthz", headers={"x-request-id": "abcDEF-123_4"})["X-Request-ID"] == "abcDEF-123_4"
    for forged in ("", "short", "x" * 65, "abc def ghi jkl", "abcdefgh\x1b[31m", 'abcdefgh","level":"x'):
        given = client.get("/healthz", headers={"x-request-id": forged})["X-Request-ID"]
        assert given != forged
        assert len(given) == 16


def test_who_is_signed_in_is_on_the_lines(lines: Lines, client: Client) -> None:
    client.force_login(User.objects.create_user("anna", is_staff=True))
    client.get("/nowhere/")
    assert [line["actor"] for line in lines.seen] == ["anna"]
