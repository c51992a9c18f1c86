"""programs.databases.session: answers are whole, or a failure."""

import pytest

from programs.databases.session import Session
from programs.run.failures import ProgramError
from tests.programs.state import make_client
from tests.programs.workspace import Workspace


def open_session(workspace: Workspace, *, raw: bool = False) -> Session:
    client = make_client(workspace)
    return Session(client, client.observe_vendor(), raw=raw)


def test_what_one_statement_sets_the_next_one_sees(empty_workspace: Workspace) -> None:
    with open_session(empty_workspace) as session:
        assert session.ask("SET @a = 1;") == []
        assert session.ask("SELECT @a, 2; SELECT 'x\\ny';") == [b"1\t2", b"x\\ny"]


def test_answers_come_in_the_order_of_their_questions(empty_workspace: Workspace) -> None:
    with open_session(empty_workspace) as session:
        for number in range(100):
            session.send(f"SELECT {number};")
        assert [list(session.receive()) for _ in range(100)] == [[str(number).encode()] for number in range(100)]


def test_a_raw_answer_has_its_newlines(empty_workspace: Workspace) -> None:
    with open_session(empty_workspace, raw=True) as session:
        assert session.ask("SELECT 'x\\ny';") == [b"x", b"y"]


def test_a_refused_statement_is_a_failure_with_its_number(empty_workspace: Workspace) -> None:
    with open_session(empty_workspace) as session, pytest.raises(ProgramError) as failed:
        session.ask("SELECT 1; SELECT nothing FROM nowhere.at_all;")
    assert failed.value.params["number"] in (1044, 1142, 1049, 1146)


def test_a_client_that_is_killed_gives_no_answer(empty_workspace: Workspace) -> None:
    with open_session(empty_workspace) as session:
        session.send("SELECT 1; SELECT SLEEP(60);")
        session._child.process.kill()
        with pytest.raises(ProgramError) as failed:
            list(session.receive())
    assert failed.value.retryable
