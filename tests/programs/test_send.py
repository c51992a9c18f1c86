"""programs.send: hands a set over once, to whoever proves to know the key; to nobody else."""

import http.client
import ssl
from pathlib import Path

import pytest

from programs.receive import NamedConnection, open_stream
from programs.run.failures import ProgramError
from programs.send import main
from programs.sets.set_transfer import compute_token, make_path
from tests.programs.passing_sides import BACKUP_ID, NAME, Sides, make_sides


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return make_sides(tmp_path)


def connect(sides: Sides) -> NamedConnection:
    context = ssl.create_default_context(cafile=sides.environment["TLS_AUTHORITY"])
    return NamedConnection("127.0.0.1", int(sides.environment["PASSING_PORT"]), name=NAME, context=context)


def test_a_wrong_token_and_a_wrong_path_get_nothing_and_the_right_one_ends_it(sides: Sides) -> None:
    with sides.start("send") as sender:
        token = compute_token(b"k" * 32, BACKUP_ID)
        for path, given in ((make_path(BACKUP_ID), "x"), ("/etc/passwd", token), (make_path("other"), token)):
            with pytest.raises(ProgramError) as raised:
                open_stream(connect(sides), path=path, token=given, seconds=30)
            assert raised.value.code == "sender_refused"
        connection = connect(sides)
        answer = open_stream(connection, path=make_path(BACKUP_ID), token=token, seconds=30)
        assert len(answer.read()) > 3_000_000
        answer.close()
        connection.close()
        assert sender.wait(30) == 0
    assert sides.read_result("send")["bytes"] == 3_000_002


def test_a_receiver_that_never_comes_is_not_waited_for_for_ever(sides: Sides) -> None:
    with sides.start("send", WAIT_SECONDS="0") as sender:
        assert sender.wait(30) == 1
    assert sides.read_result("send")["error"]["code"] == "nobody_came"


def test_a_set_that_is_not_there_is_named(sides: Sides) -> None:
    with pytest.raises(ProgramError) as raised:
        main(sides.make_environment("send", BACKUP_ID="20261121T080000Z-000000"))
    assert raised.value.code == "manifest_missing"


@pytest.mark.parametrize("change", [{"TLS_KEY": "x"}, {"WAIT_SECONDS": "x"}, {"BACKUP_ID": "../x"}])
def test_a_wrong_environment_is_refused(sides: Sides, change: dict[str, str]) -> None:
    with pytest.raises(ProgramError) as raised:
        main(sides.make_environment("send", **change))
    assert raised.value.code == "environment_invalid"


def test_without_tls_there_is_no_answer(sides: Sides) -> None:
    with sides.start("send") as sender:
        with pytest.raises(ProgramError):  # wait until it listens: a wrong token is an answer
            open_stream(connect(sides), path="/", token="x", seconds=30)
        plain = http.client.HTTPConnection("127.0.0.1", int(sides.environment["PASSING_PORT"]), timeout=180)
        with pytest.raises((OSError, http.client.HTTPException)):
            plain.request("GET", make_path(BACKUP_ID))
            plain.getresponse()
        plain.close()
        assert sender.poll() is None
        sender.terminate()
        sender.wait(30)
