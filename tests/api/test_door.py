"""What the API refuses unread, and what it says of a token that ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from api.door import LONGEST_ADDRESS_BYTES
from api.models import ApiToken
from api.tokens import create_token

MEDIA = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
PLANS, TENANTS = "/api/v1/plans/", "/api/v1/tenants/"


def _code(answer: Any) -> tuple[int, str]:
    assert set(answer.json()["error"]) == {"code", "message", "hint"}
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 3 * 1024 * 1024])
@pytest.mark.parametrize(
    "media", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("address", [TENANTS, "/api/v1/operations/x/cancel/", "/api/v1/unknown"])
def test_a_large_body_is_refused_wherever_it_is_sent(api: Client, address: str, media: str, size: int) -> None:
    assert _code(api.generic("POST", address, b" " * size, media)) == (413, "payload_too_large")


def test_a_body_in_chunks_is_refused_and_not_ignored(api: Client) -> None:
    answer = api.generic("POST", TENANTS, b"", "application/json", headers={"transfer-encoding": "chunked"})
    assert _code(answer) == (411, "length_required")


@pytest.mark.parametrize("length", ["-1", "1x", "٣", "9" * 5000])
def test_a_length_that_is_none_is_refused(api: Client, length: str) -> None:
    assert api.generic("POST", TENANTS, b"", "application/json", CONTENT_LENGTH=length).status_code in (411, 413)


def test_a_long_address_is_refused_in_the_same_shape(api: Client) -> None:
    assert _code(api.get(PLANS, {"limit": "1" * LONGEST_ADDRESS_BYTES})) == (414, "address_too_long")
    assert _code(api.get(f"/api/v1/{'x' * LONGEST_ADDRESS_BYTES}")) == (414, "address_too_long")


def test_the_end_of_a_token_is_told_before_it_comes(staff: User) -> None:
    row, plain = create_token(staff.username, "script", days=365)
    client = Client(headers={"authorization": f"Bearer {plain}"})
    assert "Token-Expires" not in client.get(PLANS)
    ApiToken.objects.filter(pk=row.pk).update(expires_at=timezone.now() + timedelta(days=29))
    assert client.get(PLANS)["Token-Expires"].endswith("GMT")
    ApiToken.objects.filter(pk=row.pk).update(expires_at=None)
    assert client.get(PLANS)["Token-Expires"] == "never"
    ApiToken.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert _code(client.get(PLANS)) == (401, "authentication_failed")
