"""secrets_reencrypt: counts, never values."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tenants.models import Tenant
from tests.commands import run_command, run_json
from tests.keys import NEW_KEY, OLD_KEY, make_keys
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def old_secret() -> Iterator[None]:
    """One secret of the key "old", which is then the second key."""
    with override_settings(FIELD_KEYS=make_keys(old=OLD_KEY)):
        make_tenant_row()
        Tenant.objects.update(smtp_password="hunter2")
    with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY, old=OLD_KEY)):
        yield


def test_what_was_done_is_counted() -> None:
    expected = {"current_key_id": "new", "dry_run": False, "read": 1, "reencrypted": 1, "unreadable": {}}
    assert run_json("secrets_reencrypt") == (0, expected)
    assert run_json("secrets_reencrypt") == (0, {**expected, "reencrypted": 0})


def test_a_dry_run_says_what_would_be_done() -> None:
    code, stdout, stderr = run_command("secrets_reencrypt", "--dry-run")
    assert (code, stderr) == (0, "")
    assert "hunter2" not in stdout
    assert run_json("secrets_reencrypt")[1]["reencrypted"] == 1


def test_a_secret_that_cannot_be_read_is_bad_news() -> None:
    with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY)):
        code, document = run_json("secrets_reencrypt")
        assert (code, document["unreadable"]) == (1, {"old": 1})
        code, stdout, _stderr = run_command("secrets_reencrypt")
    assert code == 1 and "old" in stdout
    assert Tenant.objects.get().smtp_password == "hunter2"
