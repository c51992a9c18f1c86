"""Tokens in the administration: who has one; never what it is."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from api.models import ApiToken
from api.tokens import compute_digest, create_token, get_live_token
from tests.people import make_client, read_page
from tests.rows import make_instance_row

TOKENS = "/admin/api/apitoken/"


def test_tokens_are_listed_without_their_secret(admin_client: Client, admin_user: object) -> None:  # noqa: ARG001
    row, plain = create_token("admin", "nightly script")
    for page in (read_page(admin_client, TOKENS), read_page(admin_client, f"{TOKENS}{row.pk}/change/")):
        assert row.public_id in page and "nightly script" in page
        assert plain not in page and compute_digest(plain) not in page
    assert "Jetons d’API" in read_page(admin_client, TOKENS)


def test_a_token_in_the_table_is_not_changed_or_deleted(admin_client: Client, admin_user: object) -> None:  # noqa: ARG001
    row, _plain = create_token("admin", "nightly script")
    assert admin_client.post(f"{TOKENS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"{TOKENS}{row.pk}/change/", {"label": "mine"}).status_code == 403
    row.refresh_from_db()
    assert row.label == "nightly script" and row.revoked_at is None


def test_a_token_is_made_and_shown_once(admin_client: Client, admin_user: User) -> None:
    assert "365" in read_page(admin_client, f"{TOKENS}add/")
    answer = admin_client.post(
        f"{TOKENS}add/", {"user": admin_user.pk, "label": "nightly", "scopes": ["read"], "days": "30"}
    )
    row = ApiToken.objects.get()
    (plain,) = re.findall(r"cpt_[\w-]+", answer.content.decode())
    assert get_live_token(plain) == row and row.scopes == ["read"] and row.made_by == "admin"
    assert row.expires_at is not None and timedelta(days=29) < row.expires_at - timezone.now() < timedelta(days=31)
    assert plain not in read_page(admin_client, TOKENS)


@pytest.mark.parametrize("days", ["0", "731", "x", ""])
def test_a_token_without_a_sensible_end_is_refused(admin_client: Client, admin_user: User, days: str) -> None:
    answer = admin_client.post(f"{TOKENS}add/", {"user": admin_user.pk, "label": "n", "scopes": ["read"], "days": days})
    assert answer.status_code == 200 and not ApiToken.objects.exists()


def test_nobody_makes_a_token_of_somebody_with_more_rights(admin_user: User) -> None:
    client = make_client("api.add_apitoken", "api.view_apitoken")
    answer = client.post(f"{TOKENS}add/", {"user": admin_user.pk, "label": "mine", "scopes": ["operate"], "days": "1"})
    assert answer.status_code == 200 and not ApiToken.objects.exists()


def test_chosen_tokens_are_revoked_by_those_who_may(admin_client: Client, admin_user: User) -> None:  # noqa: ARG001
    row, plain = create_token("admin", "nightly")
    chosen = {"action": "revoke_chosen", "_selected_action": [row.pk]}
    looker = make_client("api.view_apitoken")
    looker.post(TOKENS, chosen)
    assert get_live_token(plain) == row
    admin_client.post(TOKENS, chosen)
    assert get_live_token(plain) is None


def test_permission_is_asked(db: None) -> None:  # noqa: ARG001 - the database must be there
    assert make_client().get(TOKENS).status_code == 403


def test_a_token_of_some_parishes_is_made_and_told(admin_client: Client, admin_user: User) -> None:
    make_instance_row("saint-paul")
    make_instance_row("saint-jean")
    asked = {"user": admin_user.pk, "label": "n", "scopes": ["operate", "costs"], "parishes": "saint-paul", "days": 9}
    assert admin_client.post(f"{TOKENS}add/", asked).status_code == 200
    row = ApiToken.objects.get()
    assert (row.scopes, row.parish_names) == (["operate", "costs"], ["saint-paul"])
    for page in (TOKENS, f"{TOKENS}{row.pk}/change/"):
        told = read_page(admin_client, page)
        assert "saint-paul" in told and "saint-jean" not in told


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["king"]}, {"parishes": "saint-paul nowhere"}, {"parishes": ","}]
)
def test_no_token_without_a_scope_or_of_an_unknown_parish(
    admin_client: Client, admin_user: User, wrong: dict[str, list[str] | str]
) -> None:
    asked = {"user": admin_user.pk, "label": "n", "scopes": ["read"], "days": "9", **wrong}
    assert admin_client.post(f"{TOKENS}add/", asked).status_code == 200 and not ApiToken.objects.exists()
