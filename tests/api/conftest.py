"""Callers of the REST API: real accounts, real tokens, Django's test client over the whole middleware."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from api.tokens import create_token


@pytest.fixture(autouse=True)
def forgotten_refusals() -> Iterator[None]:
    """Each test starts with no refused token counted."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def staff(db: None) -> User:  # noqa: ARG001 - the database must be there
    """A staff account that may do everything."""
    return User.objects.create_user("jeanne", is_staff=True, is_superuser=True)


@pytest.fixture
def token(staff: User) -> str:
    """A token of `staff` that may change things."""
    return create_token(staff.username, "tests", scopes=["admin"])[1]


@pytest.fixture
def api(token: str) -> Client:
    """A client that sends the token; failures arrive as answers, as they do for a real caller."""
    return Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)


@pytest.fixture
def stranger(db: None) -> Client:  # noqa: ARG001 - the database must be there
    """A client without a token."""
    return Client(raise_request_exception=False)
