"""Secrets are long and never the same; what is kept of a code says nothing without the manager's key."""

import re

from django.conf import LazySettings

from parish_site.keys import SECRET_SIGNS, digest_code, digest_secret, is_code, make_code, make_secret

SECRETS, CODES = 200, 500


def test_a_secret_has_256_bits_and_may_stand_in_an_address() -> None:
    made = {make_secret() for _number in range(SECRETS)}
    assert len(made) == SECRETS
    assert all(re.fullmatch(r"[\w-]+", secret) and len(secret) == SECRET_SIGNS for secret in made)


def test_a_code_has_six_digits_whatever_it_begins_with() -> None:
    made = [make_code() for _number in range(CODES)]
    assert all(re.fullmatch(r"\d{6}", code) for code in made)
    assert len(set(made)) > CODES // 2


def test_digests_are_no_secrets_and_bear_any_text() -> None:
    secret = make_secret()
    assert digest_secret(secret) != secret and len(digest_secret(secret)) == 64
    assert len(digest_secret("\ud800é\x00")) == 64


def test_a_code_counts_in_its_own_browser_alone() -> None:
    kept = digest_code("012345", browser_sha256="a" * 64)
    assert is_code("012345", kept, browser_sha256="a" * 64)
    for code, browser in (("012346", "a"), ("12345", "a"), ("", "a"), ("012345", "b")):
        assert not is_code(code, kept, browser_sha256=browser * 64)


def test_the_database_alone_does_not_give_a_code_away(settings: LazySettings) -> None:
    kept = digest_code("012345", browser_sha256="a" * 64)
    settings.SECRET_KEY = "another one"
    assert digest_code("012345", browser_sha256="a" * 64) != kept
