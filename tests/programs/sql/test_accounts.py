"""programs.sql.accounts: an account in every spelling that a server takes, and nothing that it does not."""

import pytest

from programs.sql.accounts import read_account
from programs.sql.reading import Reading
from programs.sql.tokens import list_readings

SPELLINGS = {
    "`root`@`%`": "root@%",
    "'root'@'%'": "root@%",
    '"root"@"%"': "root@%",
    "`root`@'%'": "root@%",
    "root@'%'": "root@%",
    "root@localhost": "root@localhost",
    "ROOT@LocalHost": "ROOT@LocalHost",
    "root@127.0.0.1": "root@127.0.0.1",
    "root@db-1.example.org": None,  # a server does not take it either: a minus needs quotes
    "root@db1.example.org": "root@db1.example.org",
    "`ro``ot`@`%`": "ro`ot@%",
    "'ro''ot'@'%'": "ro'ot@%",
    "`a@b`@`%`": "a@b@%",
    "root": "root",
    "`role`": "role",
    "CURRENT_USER": "CURRENT_USER",
    "current_user": "CURRENT_USER",
    "Current_User()": "CURRENT_USER",
    "CURRENT_USER ( )": "CURRENT_USER",
    "CURRENT_USER/* x */()": "CURRENT_USER",
    "CURRENT_ROLE": "CURRENT_ROLE",
    "CURRENT_ROLE()": "CURRENT_ROLE",
    "root /* x */ @ /* y */ '%'": "root@%",
    "''@'%'": "@%",
    "@@hostname": None,
    "CURRENT_USER(1)": None,
    "(root)": None,
    "root@": None,
    "root@@localhost": None,
    "": None,
}


@pytest.mark.parametrize("ansi", [False, True])
@pytest.mark.parametrize("text", SPELLINGS)
def test_an_account_is_read_to_its_end(text: str, ansi: bool) -> None:
    (tokens,) = list_readings(f"{text} PROCEDURE p.q()".encode(), escapes=True, ansi=ansi)
    reading = Reading(tokens)
    account = read_account(reading)
    taken = account if reading.is_word("PROCEDURE") else None
    assert taken == SPELLINGS[text]


def test_a_host_does_not_take_what_stands_apart() -> None:
    (tokens,) = list_readings(b"root@h .x", escapes=True, ansi=False)
    reading = Reading(tokens)
    assert read_account(reading) == "root@h" and reading.is_mark(".")
