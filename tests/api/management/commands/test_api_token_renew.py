"""A renewed token is printed once; the old one is closed."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from api.tokens import create_token, get_live_token


def test_the_new_token_alone_is_on_stdout(staff: User) -> None:
    old, plain = create_token(staff.username, "script")
    out, told = StringIO(), StringIO()
    call_command("api_token_renew", old.public_id, scope=["operate"], days=30, stdout=out, stderr=told)
    token = get_live_token(out.getvalue().strip())
    assert token is not None and token.scopes == ["operate"] and token.public_id in told.getvalue()
    assert get_live_token(plain) is None and out.getvalue().strip() not in told.getvalue()


def test_an_unknown_token_is_an_error(db: None) -> None:  # noqa: ARG001
    with pytest.raises(CommandError, match="tk-0"):
        call_command("api_token_renew", "tk-0")
