"""No line of a log shows what any encrypted column holds, written or read."""

import dataclasses

import pytest
from django.apps import apps
from django.conf import settings

from domain import known_secrets
from domain.known_secrets import HIDDEN, SECRET_NAME, hide, remember
from domain.specs import Secrets
from offsite.providers import list_names
from tenants.encryption import EncryptedJSONField, EncryptedTextField

COLUMNS = [
    field for model in apps.get_models() for field in model._meta.fields if isinstance(field, EncryptedTextField)
]
VALUE = "only-for-this-test-8f2c11aa90"


@pytest.mark.parametrize("field", COLUMNS, ids=str)
def test_what_an_encrypted_column_holds_is_hidden(field: EncryptedTextField, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_secrets, "_forms", {})
    stored = field.get_prep_value({"password": VALUE} if isinstance(field, EncryptedJSONField) else VALUE)
    assert hide(f"written {VALUE}") == f"written {HIDDEN}"
    monkeypatch.setattr(known_secrets, "_forms", {})
    assert VALUE in hide(VALUE)
    field.from_db_value(stored)
    assert hide(f"read {VALUE}") == f"read {HIDDEN}"


def test_every_secret_of_an_instance_and_of_a_destination_is_named_like_one() -> None:
    names = {field.name for field in dataclasses.fields(Secrets)} - {"drupal_admin_user"}
    names |= {name for name, is_secret in list_names().items() if is_secret}
    assert {name for name in names if not SECRET_NAME.search(name)} == set()


def test_the_managers_own_keys_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_secrets, "_forms", {})
    remember(settings.FIELD_KEYS)
    remember(settings.SECRET_KEY)
    for key in (settings.SECRET_KEY, settings.FIELD_KEYS.rpartition(":")[2]):
        assert key not in hide(f"with {key}")
