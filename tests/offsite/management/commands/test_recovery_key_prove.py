"""recovery_key_prove: typed by standard input, never on the command line."""

import io

import pytest

from offsite.keys import create_recovery_key, get_recovery_key
from tests.commands import run_json

pytestmark = pytest.mark.django_db


def test_the_key_counts_once_it_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = create_recovery_key(requested_by="test")
    monkeypatch.setattr("sys.stdin", io.StringIO("AGE-SECRET-KEY-1WRONG"))
    assert run_json("recovery_key_prove")[0] != 0
    monkeypatch.setattr("sys.stdin", io.StringIO(printed.identity + "\n"))
    code, document = run_json("recovery_key_prove")
    assert code == 0 and printed.identity not in str(document)
    assert get_recovery_key().recipient == printed.recipient
