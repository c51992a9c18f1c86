"""Everything about the tokens but the tokens."""

import json
from io import StringIO

from django.contrib.auth.models import User
from django.core.management import call_command

from api.tokens import compute_digest, create_token, revoke_token


def _list(**options: bool) -> str:
    out = StringIO()
    call_command("api_token_list", stdout=out, **options)
    return out.getvalue()


def test_tokens_are_listed_without_what_opens_the_door(staff: User) -> None:
    first, plain = create_token(staff.username, "é monitoring")
    revoke_token(first.public_id)
    second, _ = create_token(staff.username, "demo")
    create_token(staff.username, "of no parish", parishes=[])
    rows = json.loads(_list(json=True))
    third = rows.pop()
    assert [row["id"] for row in rows] == [first.public_id, second.public_id]
    assert (rows[1]["scopes"], rows[1]["parishes"], third["parishes"]) == ("read", None, "")
    assert rows[0]["label"] == "é monitoring" and rows[0]["revoked_at"] and not rows[1]["revoked_at"]
    for text in (_list(), _list(json=True)):
        assert first.public_id in text and plain not in text and compute_digest(plain) not in text
