"""A manager whose database takes no writes says so, on pages and to programs, in the place of a bare 500."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, OperationalError, connection
from django.test import Client, RequestFactory

from api.exceptions import handle_exception
from api.faults import show_server_error
from api.own_faults import find_own_fault

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
    assert answer.status_code == 503 and int(answer["Retry-After"]) > 0
    assert answer["Content-Type"].startswith("text/html")
    page = answer.content.decode()
    assert "base de données du gestionnaire" in page and "Que faire" in page and '<main class="cp-card' in page


@pytest.mark.usefixtures("_without_writes")
def test_a_program_gets_its_code() -> None:
    try:
        User.objects.create(username="marie")
    except Exception:  # noqa: BLE001 - as Django calls it: within the fault's handling
        answer = show_server_error(RequestFactory().get("/api/v1/tenants/"))
    assert answer.status_code == 503
    assert b"database_unwritable" in answer.content  # type: ignore[attr-defined]


@pytest.mark.usefixtures("_without_writes")
def test_a_view_of_the_api_says_so_too() -> None:
    """What a view raises never comes to the handler of pages."""
    with pytest.raises(DatabaseError) as caught:
        User.objects.create(username="marie")
    context = {"request": RequestFactory().get("/api/v1/tenants/")}
    answer = handle_exception(caught.value, context)
    assert (answer.status_code, answer.data["error"]["code"]) == (503, "database_unwritable")
    assert "Retry-After" in answer


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("database is locked"),
        OperationalError(1205, "Lock wait timeout exceeded; try restarting transaction"),
        OperationalError(1213, "Deadlock found when trying to get lock; try restarting transaction"),
    ],
)
def test_a_database_that_is_held_is_told_as_such_to_both(error: OperationalError) -> None:
    fault = find_own_fault(error)
    assert fault is not None and fault.code == "database_held" and fault.params["seconds"] > 0
    answer = handle_exception(error, {"request": RequestFactory().get("/api/v1/tenants/")})
    assert (answer.status_code, answer.data["error"]["code"]) == (503, "database_held")
    for path in ("/admin/", "/api/v1/tenants/"):
        try:
            raise error
        except OperationalError:
            shown = show_server_error(RequestFactory().get(path))
        assert shown.status_code == 503 and int(shown["Retry-After"]) > 0


@pytest.mark.parametrize("error", [None, ValueError("x"), OSError("x"), OperationalError(), OperationalError("x")])
def test_what_the_manager_is_not_to_blame_for_is_not_told_so(error: Exception | None) -> None:
    assert find_own_fault(error) is None
