"""A manager whose database takes no writes says so, on pages and to programs, in the place of a bare 500."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory

from api.faults import show_server_error

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _without_writes() -> Iterator[None]:
    """The database as on a full disk: it answers, and refuses every write."""
    User.objects.create_superuser("jeanne", password="only-for-tests")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = OFF")


@pytest.mark.usefixtures("_without_writes")
def test_a_page_names_the_cause_and_what_to_do() -> None:
    client = Client(raise_request_exception=False)
    answer = client.post("/admin/login/", {"username": "jeanne", "password": "only-for-tests"})
    assert answer.status_code == 503
    assert "base de données du gestionnaire" in answer.content.decode()


@pytest.mark.usefixtures("_without_writes")
def test_a_program_gets_its_code() -> None:
    try:
        User.objects.create(username="marie")
    except Exception:  # noqa: BLE001 - as Django calls it: within the fault's handling
        answer = show_server_error(RequestFactory().get("/api/v1/tenants/"))
    assert answer.status_code == 503
    assert b"database_unwritable" in answer.content  # type: ignore[attr-defined]
