"""One token closes, by its identifier."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from api.tokens import create_token, get_live_token


def test_a_revoked_token_closes_and_the_others_stay(staff: User) -> None:
    (first, plain_first), (_, plain_second) = create_token(staff.username, "a"), create_token(staff.username, "b")
    out = StringIO()
    call_command("api_token_revoke", first.public_id, stdout=out)
    assert first.public_id in out.getvalue()
    assert get_live_token(plain_first) is None and get_live_token(plain_second) is not None


def test_an_unknown_token_is_an_error(db: None) -> None:  # noqa: ARG001
    with pytest.raises(CommandError, match="tk-0"):
        call_command("api_token_revoke", "tk-0")
