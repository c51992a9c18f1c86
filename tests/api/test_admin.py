"""Tokens in the administration: who has one; never what it is."""

from django.test import Client

from api.tokens import compute_digest, create_token
from tests.people import make_client, read_page

TOKENS = "/admin/api/apitoken/"


def test_tokens_are_listed_without_their_secret(admin_client: Client, admin_user: object) -> None:  # noqa: ARG001
    row, plain = create_token("admin", "nightly script")
    for page in (read_page(admin_client, TOKENS), read_page(admin_client, f"{TOKENS}{row.pk}/change/")):
        assert row.public_id in page and "nightly script" in page
        assert plain not in page and compute_digest(plain) not in page
    assert "Jetons d’API" in read_page(admin_client, TOKENS)


def test_tokens_are_only_looked_at(admin_client: Client, admin_user: object) -> None:  # noqa: ARG001
    row, _plain = create_token("admin", "nightly script")
    assert admin_client.get(f"{TOKENS}add/").status_code == 403
    assert admin_client.post(f"{TOKENS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"{TOKENS}{row.pk}/change/", {"label": "mine"}).status_code == 403
    row.refresh_from_db()
    assert row.label == "nightly script" and row.revoked_at is None


def test_permission_is_asked(db: None) -> None:  # noqa: ARG001 - the database must be there
    assert make_client().get(TOKENS).status_code == 403
