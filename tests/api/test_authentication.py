"""Who gets in, who does not, and what is noted of it."""

import logging

import pytest
from django.contrib.auth.models import User
from django.test import Client

from api.authentication import RefusedTokenThrottle
from api.models import ApiToken
from api.tokens import create_token, revoke_token

PLANS = "/api/v1/plans/"


def _ask(authorization: str) -> tuple[int, str]:
    answer = Client(headers={"authorization": authorization}).get(PLANS)
    return answer.status_code, answer.json()["error"]["code"]


def test_a_token_opens_the_door_and_its_use_is_noted(api: Client, token: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "api.authentication"):
        assert api.get(PLANS).status_code == 200
    row = ApiToken.objects.get()
    assert row.last_used_at is not None
    assert caplog.messages == [f"api token used: {row.public_id} user=jeanne GET '{PLANS}'"]
    assert token not in caplog.text


def test_without_a_token_the_answer_names_the_scheme(stranger: Client) -> None:
    answer = stranger.get(PLANS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic amVhbm5lOng=", "Token {token}", "{token}"])
def test_another_scheme_is_no_token(token: str, header: str) -> None:
    assert _ask(header.format(token=token)) == (401, "not_authenticated")


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer {token} {token}", "Bearer é"])
def test_a_token_that_does_not_match_is_refused(token: str, header: str) -> None:
    assert _ask(header.format(token=token)) == (401, "authentication_failed")


def test_a_revoked_token_is_refused(staff: User) -> None:
    row, plain = create_token(staff.username, "old")
    revoke_token(row.public_id)
    assert _ask(f"Bearer {plain}") == (401, "authentication_failed")


def test_an_account_that_lost_its_rights_is_refused_by_code(staff: User, token: str) -> None:
    User.objects.filter(pk=staff.pk).update(is_staff=False)
    assert _ask(f"Bearer {token}") == (403, "permission_denied")
    User.objects.filter(pk=staff.pk).update(is_active=False)
    assert _ask(f"Bearer {token}") == (401, "authentication_failed")


def test_many_wrong_tokens_are_slowed_down_but_a_right_one_passes(api: Client) -> None:
    allowed = RefusedTokenThrottle().num_requests
    codes = [_ask(f"Bearer wrong{n}") for n in range(allowed + 2)]
    assert codes == [(401, "authentication_failed")] * allowed + [(429, "throttled")] * 2
    answer = Client(headers={"authorization": "Bearer wrong"}).get(PLANS)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert api.get(PLANS).status_code == 200


def test_a_forged_forwarding_header_does_not_reset_the_count(db: None) -> None:  # noqa: ARG001
    allowed = RefusedTokenThrottle().num_requests
    statuses = [
        Client(headers={"authorization": "Bearer x", "x-forwarded-for": f"10.0.0.{n}"}).get(PLANS).status_code
        for n in range(allowed + 1)
    ]
    assert statuses[-1] == 429


def test_a_refused_token_is_logged_without_the_token(db: None, caplog: pytest.LogCaptureFixture) -> None:  # noqa: ARG001
    with caplog.at_level(logging.WARNING, "api.authentication"):
        _ask("Bearer cpt_mistyped")
    lines = [record.getMessage() for record in caplog.records if record.name == "api.authentication"]
    assert lines == [f"api token refused: address=127.0.0.1 path='{PLANS}'"]
    assert "cpt_mistyped" not in caplog.text
