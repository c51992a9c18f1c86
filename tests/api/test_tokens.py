"""Tokens: shown once, kept as a digest, revocable one by one."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from api.models import ApiToken
from api.tokens import compute_digest, create_token, get_live_token, record_use, revoke_token
from domain.errors import CiviparoisseError


def test_nothing_in_the_table_opens_the_door(staff: User) -> None:
    _, plain = create_token(staff.username, "monitoring")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM api_apitoken")
        rows = cursor.fetchall()
    assert compute_digest(plain) in rows[0]
    assert plain not in repr(rows) and plain[4:] not in repr(rows)


def test_a_token_is_found_by_its_plain_text_only(staff: User) -> None:
    token, plain = create_token(staff.username, "monitoring")
    assert get_live_token(plain) == token
    for wrong in (plain[:-1], plain.swapcase(), token.digest, token.public_id, "", "é\ud7ff"):
        assert get_live_token(wrong) is None


def test_one_of_several_tokens_is_revoked_and_stays_in_the_table(staff: User) -> None:
    (first, plain_first), (second, plain_second) = (create_token(staff.username, f"n{n}") for n in range(2))
    when = revoke_token(first.public_id).revoked_at
    assert get_live_token(plain_first) is None
    assert get_live_token(plain_second) == second
    assert revoke_token(first.public_id).revoked_at == when, "revoking again changes nothing"


def test_a_disabled_account_has_no_live_token(staff: User) -> None:
    _, plain = create_token(staff.username, "monitoring")
    User.objects.update(is_active=False)
    assert get_live_token(plain) is None


@pytest.mark.parametrize(
    ("name", "label", "code"),
    [
        ("nobody", "x", "not_found"),
        ("visitor", "x", "invalid_value"),
        ("jeanne", "", "invalid_value"),
        ("jeanne", "  ", "invalid_value"),
        ("jeanne", "a\nb", "invalid_value"),
        ("jeanne", "x" * 65, "invalid_value"),
    ],
)
def test_who_may_not_have_a_token_gets_none(staff: User, name: str, label: str, code: str) -> None:  # noqa: ARG001
    User.objects.create_user("visitor")
    with pytest.raises(CiviparoisseError) as refusal:
        create_token(name, label)
    assert refusal.value.code == code
    assert not ApiToken.objects.exists()


def test_revoking_an_unknown_token_says_so(db: None) -> None:  # noqa: ARG001
    with pytest.raises(CiviparoisseError) as refusal:
        revoke_token("tk-00000000")
    assert refusal.value.code == "not_found"


def test_the_last_use_is_kept_to_the_minute(staff: User) -> None:
    token, _ = create_token(staff.username, "monitoring")
    record_use(token)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    record_use(token)
    token.refresh_from_db()
    assert token.last_used_at == first, "a second use in the same minute writes nothing"
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    record_use(token)
    token.refresh_from_db()
    assert token.last_used_at is not None and token.last_used_at >= first


def test_creation_and_revocation_are_logged_without_the_token(staff: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "api.tokens"):
        token, plain = create_token(staff.username, "monitoring")
        revoke_token(token.public_id)
    assert [token.public_id in line and "jeanne" in line for line in caplog.messages] == [True, True]
    assert plain not in caplog.text and token.digest not in caplog.text
