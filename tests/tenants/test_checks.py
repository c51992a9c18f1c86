"""What `manage.py check` says of the encryption keys."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import CheckMessage, run_checks
from django.test import override_settings

from tenants.checks import check_host_template, check_keys, check_stored_secrets
from tenants.models import Tenant
from tests.gates.source import ROOT
from tests.keys import NEW_KEY, OLD_KEY, make_keys
from tests.rows import make_tenant_row


def list_ids(messages: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


def test_usable_keys_pass() -> None:
    assert check_keys() == []


@pytest.mark.parametrize("keys", ["", "k1", "k1:short"])
def test_unusable_keys_are_an_error_with_a_hint(keys: str) -> None:
    with override_settings(FIELD_KEYS=keys):
        (message,) = check_keys()
        assert message.id == "tenants.E001" and message.hint
        assert list_ids(check_stored_secrets(databases=["default"])) == []


@pytest.mark.parametrize("template", ["www.{slug}.{domain}", "{slug}.paroisses.example"])
def test_a_template_that_makes_hosts_passes(template: str) -> None:
    with override_settings(HOST_TEMPLATE=template):
        assert check_host_template() == []


@pytest.mark.parametrize("template", ["", "www.uepal.net", "{slug}", "{name}.uepal.net"])
def test_a_template_that_makes_no_host_is_an_error_that_names_the_setting(template: str) -> None:
    with override_settings(HOST_TEMPLATE=template):
        (message,) = check_host_template()
    assert message.id == "tenants.E003" and "CIVIPAROISSE_HOST_TEMPLATE" in message.msg and message.hint


@pytest.mark.django_db
def test_secrets_of_a_missing_key_are_an_error_that_names_the_key() -> None:
    make_tenant_row()
    with override_settings(FIELD_KEYS=make_keys(old=OLD_KEY)):
        Tenant.objects.update(smtp_password="hunter2")
        assert check_stored_secrets(databases=["default"]) == []
    with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY)):
        (message,) = [found for found in run_checks(databases=["default"]) if found.id == "tenants.E002"]
    assert "1 of key old" in message.msg and "hunter2" not in message.msg
    assert message.hint and "secrets_reencrypt" in message.hint


@pytest.mark.django_db
def test_the_database_is_not_touched_unless_it_is_asked_for() -> None:
    make_tenant_row()
    Tenant.objects.update(smtp_password="hunter2")
    with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY)):
        assert check_stored_secrets(databases=None) == []


def test_a_database_without_the_tables_yet_passes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--database", "default"],
        cwd=ROOT,
        env={**os.environ, "CIVIPAROISSE_STATE_DIR": str(tmp_path), "CIVIPAROISSE_DATABASE": "sqlite"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert (done.returncode, done.stderr) == (0, "")
