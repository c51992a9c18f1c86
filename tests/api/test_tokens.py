"""Tokens: shown once, kept as a digest, revocable one by one."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone

from api.models import ApiToken
from api.tokens import (
    compute_digest,
    create_token,
    get_live_token,
    is_ending,
    list_token_faults,
    record_use,
    renew_token,
    revoke_token,
)
from domain.errors import CiviparoisseError
from operations.watch import list_manager_faults


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


def test_a_token_reads_and_ends_unless_more_is_asked(staff: User) -> None:
    token, _plain = create_token(staff.username, "script")
    assert token.scopes == ["read"] and token.expires_at is not None
    assert timedelta(days=364) < token.expires_at - timezone.now() <= timedelta(days=365)
    assert create_token(staff.username, "script", scopes=["operate"], days=730)[0].scopes == ["operate"]
    for wrong in ({"scopes": ["all"]}, {"scopes": []}, {"days": 0}, {"days": 731}, {"days": -1}):
        with pytest.raises(CiviparoisseError):
            create_token(staff.username, "script", **wrong)  # type: ignore[arg-type]


def test_a_token_past_its_end_opens_nothing_and_one_without_end_still_reads(staff: User) -> None:
    _token, plain = create_token(staff.username, "script")
    ApiToken.objects.update(expires_at=timezone.now())
    assert get_live_token(plain) is None
    ApiToken.objects.update(expires_at=None)
    assert get_live_token(plain) is not None


def test_a_renewed_token_replaces_the_old_one(staff: User) -> None:
    old, old_plain = create_token(staff.username, "script", scopes=["operate"], parishes=[])
    ApiToken.objects.update(expires_at=None)
    new, new_plain = renew_token(old.public_id)
    assert (new.label, new.scopes, new.user, new.parish_names) == (
        "script",
        ["operate"],
        staff,
        [],
    ) and new.expires_at is not None
    assert get_live_token(old_plain) is None and get_live_token(new_plain) == new
    for unusable in (old.public_id, "tk-00000000"):
        with pytest.raises(CiviparoisseError):
            renew_token(unusable)


def test_it_is_time_to_renew_a_month_before_the_end(staff: User) -> None:
    token, _plain = create_token(staff.username, "script", days=60)
    assert token.expires_at is not None
    assert not is_ending(token, now=token.expires_at - timedelta(days=31))
    assert is_ending(token, now=token.expires_at - timedelta(days=29))
    token.revoked_at = token.created_at
    assert not is_ending(token, now=token.expires_at)


def test_tokens_that_end_soon_are_a_warning_until_they_are_renewed(staff: User) -> None:
    now = timezone.now()
    create_token(staff.username, "late", days=60)
    soon, _plain = create_token(staff.username, "soon", days=20)
    over, _plain = create_token(staff.username, "over")
    ApiToken.objects.filter(pk=over.pk).update(expires_at=now - timedelta(days=1))
    (fault,) = [fault for fault in list_manager_faults(now=now) if fault.code == "tokens_ending"]
    assert fault.params == {"count": 1, "tokens": soon.public_id} and not fault.is_critical and not fault.stops_work
    assert soon.public_id in fault.message and "api_token_renew" in fault.hint
    renew_token(soon.public_id)
    assert list_token_faults(now=now) == []


@pytest.mark.django_db(transaction=True)
def test_tokens_made_before_there_were_scopes_only_read_until_they_are_renewed() -> None:
    past, now = [("api", "0002_token_scope_and_end")], MigrationExecutor(connection).loader.graph.leaf_nodes("api")
    MigrationExecutor(connection).migrate(past)
    try:
        apps = MigrationExecutor(connection).loader.project_state(past).apps
        user = User.objects.create_user("jeanne", is_staff=True, is_superuser=True)
        for scope in ("read", "write"):
            values = {"label": scope, "digest": compute_digest(scope), "user_id": user.pk, "public_id": f"tk-{scope}"}
            apps.get_model("api", "ApiToken").objects.create(**values, scope=scope)
    finally:
        MigrationExecutor(connection).migrate(now)
    for old in ApiToken.objects.all():
        assert get_live_token(old.label) == old and old.parish_names is None
        assert all(map(old.allows, ("tenants.view_tenant", "finops.view_interval", "offsite.view_download")))
        assert not any(map(old.allows, ("operations.add_operation", "tenants.change_tenant", "backups.delete_backup")))
        call = Client(headers={"authorization": f"Bearer {old.label}"})
        assert call.get("/api/v1/tenants/").status_code == 200
        refused = call.post("/api/v1/tenants/", "{}", "application/json")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "token_read_only")
        assert renew_token(old.public_id)[0].scopes == ["read", "costs"]
    assert renew_token(ApiToken.objects.get(revoked_at=None, label="write").public_id, scopes=["operate"])[0].scopes


def test_who_made_and_revoked_a_token_is_kept(staff: User) -> None:
    token, _plain = create_token(staff.username, "n", requested_by="cli:marie")
    revoke_token(token.public_id, requested_by="jeanne")
    token.refresh_from_db()
    assert (token.made_by, token.revoked_by) == ("cli:marie", "jeanne")
