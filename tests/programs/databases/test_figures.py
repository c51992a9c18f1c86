"""What is asked of a server to count, and how its answers are read."""

import dataclasses
import signal
from pathlib import Path

import pytest

from programs.databases import figures
from programs.databases.client import Client, Vendor
from programs.databases.figures import FigureCount, make_seconds, make_settings, make_statement, read_answer
from programs.run.environment import ServerAccess
from programs.run.figures import Figure, Since, read_figures
from tests.conftest import ParishDatabases
from tests.programs.civicrm_tables import CIVICRM, CIVICRM_ROWS, COUNTED, FIGURES

FIGURE = Figure("civicrm", "civicrm_contact", "id", "is_deleted = 0", "", "modified_date")
COLUMNS = {("civicrm", "civicrm_contact"): {"id": "int", "modified_date": "timestamp", "amount": "decimal"}}


def test_a_table_or_a_column_that_is_not_there_is_not_asked_for() -> None:
    assert make_statement("contacts", FIGURE, COLUMNS) is not None
    assert make_statement("contacts", FIGURE, {}) is None
    for name, value in (("table", "none"), ("key", "none"), ("sum", "none"), ("database", "drupal")):
        assert make_statement("contacts", dataclasses.replace(FIGURE, **{name: value}), COLUMNS) is None
    without = make_statement("contacts", dataclasses.replace(FIGURE, changed="none"), COLUMNS)
    assert without is not None and "MAX(NULL)" in without


def test_what_came_since_is_asked_for_where_the_other_side_told_its_keys() -> None:
    plain = make_statement("contacts", FIGURE, COLUMNS)
    since = make_statement("contacts", FIGURE, COLUMNS, since=Since(5, {"contacts": 7}))
    assert plain is not None and plain.count("NULL, NULL, NULL") == 1
    assert since is not None and "`id` > 7" in since and "> 5" in since
    assert make_statement("contacts", FIGURE, COLUMNS, since=Since(5, {"users": 7})) == plain


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("int", "`t`"),
        ("bigint", "`t`"),
        ("timestamp", "FLOOR(UNIX_TIMESTAMP(`t`))"),
        ("datetime", "NULL"),
        ("", "NULL"),
    ],
)
def test_a_time_whose_zone_nobody_knows_is_no_time(kind: str, expected: str) -> None:
    assert make_seconds("t", kind) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"3\t9\tNULL\tNULL\tNULL\tNULL\tNULL", {"count": 3, "last": 9}),
        (b"NULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL", {"count": 0, "last": 0}),
        (
            b"3\t9\t-500\t7\t1\t-20\t2",
            {"count": 3, "last": 9, "cents": -500, "newest": 7, "entered": 1, "entered_cents": -20, "changed": 2},
        ),
    ],
)
def test_answers(line: bytes, expected: dict[str, int]) -> None:
    assert read_answer(line) == expected


@pytest.mark.parametrize("line", [b"", b"3\t9", b"3\t9\tx\tNULL\tNULL\tNULL\tNULL", b"ERROR 1146 at line 2"])
def test_what_is_no_answer(line: bytes) -> None:
    with pytest.raises(ValueError):
        read_answer(line)


def test_the_session_only_reads_and_no_question_lasts() -> None:
    for name, limit in (("mariadb", "max_statement_time=20"), ("mysql", "max_execution_time=20000")):
        settings = make_settings(Vendor(name, "1", "c", "d", "1"))
        assert "READ ONLY" in settings and limit in settings and "lock_wait_timeout=5" in settings


@pytest.fixture
def client(parish_databases: ParishDatabases, tmp_path: Path) -> Client:
    """The instance's own account, which may do everything to its databases."""
    parish_databases.server.execute(*CIVICRM, *CIVICRM_ROWS, database="civicrm")
    server = parish_databases.server
    access = ServerAccess(
        server.host, server.port, parish_databases.user, parish_databases.password, parish_databases.names
    )
    return Client(access, scratch=tmp_path)


def test_one_snapshot_that_nobody_changes_and_that_changes_nothing(
    client: Client, parish_databases: ParishDatabases
) -> None:
    enter = "INSERT INTO civicrm.civicrm_contribution (total_amount) VALUES (1)"
    with FigureCount(client, client.observe_vendor(), read_figures({"FIGURES": FIGURES})) as counting:
        counting.begin()
        parish_databases.server.execute(enter, enter)
        assert counting._session is not None
        counting._session.ask(f"{enter};")  # the server refuses it: the account may write, the session may not
        counting.ask()
        told = counting.receive()
    assert told is not None and counting.failure is None
    counts = {code: one["count"] for code, one in told["counts"].items()}
    assert counts == {code: number for code, number in COUNTED.items() if code != "users"}, "there is no such table"
    (row,) = client.query(("COUNT(*)",), "FROM civicrm.civicrm_contribution")
    assert row == ("7",), "five, and the two of somebody else"


def test_a_connection_that_is_lost_is_no_answer_and_no_error(client: Client, parish_databases: ParishDatabases) -> None:
    with FigureCount(client, client.observe_vendor(), read_figures({"FIGURES": FIGURES})) as counting:
        counting.begin()
        assert counting._session is not None
        (mine,) = counting._session.ask("SELECT CONNECTION_ID();")
        parish_databases.server.execute(f"KILL {int(mine)}")
        counting.ask()
        assert counting.receive() is None
    assert counting.failure is not None and counting.failure.code in ("database_unreachable", "database_failed")


def test_a_client_that_hangs_holds_nobody_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of the site are locked while the snapshot is taken."""
    with FigureCount(client, client.observe_vendor(), read_figures({"FIGURES": FIGURES})) as counting:
        assert counting._session is not None
        monkeypatch.setattr(figures, "LOCK_SECONDS", 0.2)
        counting._session._child.process.send_signal(signal.SIGSTOP)
        counting.begin()
        assert counting.failure is not None
        counting.ask()
        assert counting.receive() is None


def test_an_account_that_is_not_let_in_stops_nothing(client: Client, tmp_path: Path) -> None:
    vendor = client.observe_vendor()
    wrong = Client(dataclasses.replace(client.access, password="wrong"), scratch=tmp_path)
    with FigureCount(wrong, vendor, read_figures({"FIGURES": FIGURES})) as counting:
        counting.begin()
        counting.ask()
        assert counting.receive() is None
    assert counting.failure is not None and counting.failure.code == "database_refused"
