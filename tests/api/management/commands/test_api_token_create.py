"""The token is the only line on stdout."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from api.models import ApiToken
from api.tokens import get_live_token
from tests.rows import make_instance_row


def test_the_token_alone_is_on_stdout(staff: User) -> None:
    out, told = StringIO(), StringIO()
    call_command("api_token_create", staff.username, label="monitoring", stdout=out, stderr=told)
    token = get_live_token(out.getvalue().removesuffix("\n"))
    assert token is not None and token.label == "monitoring"
    assert token.public_id in told.getvalue() and out.getvalue().strip() not in told.getvalue()


def test_scopes_and_parishes_are_given_and_told(staff: User) -> None:
    make_instance_row("saint-paul")
    out, told, words = StringIO(), StringIO(), ("--scope", "costs", "--scope", "operate", "--parish", "saint-paul")
    call_command("api_token_create", staff.username, "--label", "n", *words, stdout=out, stderr=told)
    token = get_live_token(out.getvalue().strip())
    assert token is not None and (token.scopes, token.parish_names) == (["operate", "costs"], ["saint-paul"])
    assert token.made_by.startswith("cli:") and "operate, costs, saint-paul" in told.getvalue()
    with pytest.raises(CommandError, match="nowhere"):
        call_command(
            "api_token_create", staff.username, "--label", "n", "--parish", "saint-paul", "--parish", "nowhere"
        )
    assert ApiToken.objects.count() == 1


def test_an_unknown_account_gets_none(db: None) -> None:  # noqa: ARG001
    with pytest.raises(CommandError, match="nobody"):
        call_command("api_token_create", "nobody", label="x")
    assert not ApiToken.objects.exists()
