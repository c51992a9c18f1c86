"""What was read as a secret is in no text, in whichever form; what is none stays."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from domain import known_secrets
from domain.known_secrets import HIDDEN, hide, remember


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(known_secrets, "_forms", {})
    yield


ODD = "pa'ss \"wörd\\ 1%é"


@pytest.mark.parametrize(
    "form", [ODD, json.dumps(ODD), repr(ODD), quote(ODD, safe=""), ODD.replace("'", "'\\''")], ids=str
)
def test_a_secret_is_hidden_however_it_is_written(form: str) -> None:
    remember(ODD)
    text = hide(f"could not connect with {form}: refused")
    assert "wörd" not in text
    assert "w%C3%B6rd" not in text
    assert "\\u00f6rd" not in text
    assert text.startswith("could not connect with ")
    assert text.endswith(": refused")


def test_parts_of_an_object_are_secrets_by_their_name() -> None:
    remember({"bucket": "parishes-away", "secret_access_key": "s3cr3t-of-s3", "smtp": [{"password": "mail-pass"}]})
    assert hide("parishes-away s3cr3t-of-s3 mail-pass") == f"parishes-away {HIDDEN} {HIDDEN}"


def test_a_document_gives_neither_itself_nor_its_long_words_away() -> None:
    token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ"  # noqa: S105 - a shape, no secret
    config = (
        f"apiVersion: v1\nusers:\n- name: manager\n  user:\n    token: {token}\nserver: https://api.example.org:6443"
    )
    remember(config)
    assert token not in hide(f"sent Authorization {token} to https://api.example.org:6443")
    assert "https://api.example.org:6443 answered" in hide("https://api.example.org:6443 answered")
    assert config not in hide(config)
    remember("k1:GO3o1bzmGPz9s7a6ws-jXxF6H9XKcX3WlS0CTvxXtX0=\nk2:AO3o1bzmGPz9s7a6ws-jXxF6H9XKcX3WlS0CTvxXtX0=")
    assert hide("AO3o1bzmGPz9s7a6ws-jXxF6H9XKcX3WlS0CTvxXtX0=") == HIDDEN


def test_of_an_address_with_an_account_the_password_is_the_secret() -> None:
    remember("redis://manager:p%40ss-of-redis@redis.example.org:6379/0")
    assert hide("no answer from redis.example.org:6379") == "no answer from redis.example.org:6379"
    assert "ss-of-redis" not in hide("AUTH manager p@ss-of-redis")
    remember("redis://127.0.0.1:6379/0")
    assert hide("connected to redis://127.0.0.1:6379/0") == "connected to redis://127.0.0.1:6379/0"
    remember("https://beats.example.org/ping/8f2c11aa")
    assert "8f2c11aa" not in hide("GET https://beats.example.org/ping/8f2c11aa")


@pytest.mark.parametrize("word", ["a://b:c@d-never-told", "://never-told", "http://[never-told"])
def test_a_password_that_looks_like_an_address_is_hidden_whole(word: str) -> None:
    remember(word)
    assert hide(f"tried <{word}>") == f"tried <{HIDDEN}>"


@pytest.mark.parametrize(
    "text",
    [
        "mysql://root:never-told@db/x",
        "Authorization: Bearer never-told-to-anybody",
        "authorization: basic bmV2ZXI6dG9sZA==",
        "-----BEGIN RSA PRIVATE KEY-----\nnever-told\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nnever-told, and cut short",
        "AGE-SECRET-KEY-1QQQNEVERTOLD",
    ],
)
def test_what_has_the_shape_of_a_secret_is_hidden_though_nobody_read_it(text: str) -> None:
    shown = hide(text)
    assert HIDDEN in shown
    assert not any(part in shown.lower() for part in ("never-told", "nevertold", "bmv2"))


def test_of_a_secret_that_holds_another_nothing_stays() -> None:
    remember("inner-word")
    remember("before inner-word after")
    assert hide("with before inner-word after, or inner-word") == f"with {HIDDEN}, or {HIDDEN}"


def test_short_and_empty_texts_hide_no_words() -> None:
    for short in ("", "a", "cron", {"password": ""}, None, 7):
        remember(short)
    assert hide("a cron that is fine") == "a cron that is fine"


def test_what_is_remembered_is_bounded_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_secrets, "MOST_FORMS", 10)
    for number in range(50):
        remember(f"secret-number-{number:03}")
    assert hide("secret-number-000 secret-number-049") == f"secret-number-000 {HIDDEN}"
