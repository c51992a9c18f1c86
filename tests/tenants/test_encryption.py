"""Secrets at rest: the column never holds plain text, and a wrong key is loud."""

import json
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection
from django.db.migrations.writer import MigrationWriter
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CiviparoisseError
from tenants.encryption import STORED, EncryptedJSONField, EncryptedTextField, KeyRing
from tenants.models import Instance, Tenant
from tests.keys import NEW_KEY, OLD_KEY, make_keys
from tests.rows import make_instance_row, make_tenant_row

SECRET = "pässword'\"\\ 🔑"


def read_column(table: str, column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def read_passwords() -> list[str]:
    stored = read_column("tenants_tenant", "smtp_password")
    assert all(text == "" or STORED.fullmatch(text) for text in stored)
    return stored


class TestKeyRing:
    @given(st.text())
    def test_what_is_encrypted_is_read_back(self, text: str) -> None:
        ring = KeyRing(make_keys(new=NEW_KEY))
        assert ring.decrypt(ring.encrypt(text)) == text

    def test_the_first_key_encrypts_and_all_decrypt(self) -> None:
        old = KeyRing(make_keys(old=OLD_KEY)).encrypt(SECRET)
        ring = KeyRing(make_keys(new=NEW_KEY, old=OLD_KEY))
        assert ring.decrypt(old) == SECRET
        assert not ring.is_current(old)
        assert ring.is_current(ring.encrypt(SECRET))

    def test_a_missing_key_is_named(self) -> None:
        stored = KeyRing(make_keys(old=OLD_KEY)).encrypt(SECRET)
        with pytest.raises(CiviparoisseError) as caught:
            KeyRing(make_keys(new=NEW_KEY)).decrypt(stored)
        assert (caught.value.code, caught.value.params) == ("secret_unreadable", {"key_id": "old"})
        assert "secrets_reencrypt" in caught.value.hint

    def test_another_key_under_the_same_name_is_loud(self) -> None:
        stored = KeyRing(make_keys(k=OLD_KEY)).encrypt(SECRET)
        with pytest.raises(CiviparoisseError) as caught:
            KeyRing(make_keys(k=NEW_KEY)).decrypt(stored)
        assert caught.value.code == "secret_unreadable"

    @pytest.mark.parametrize(
        "stored", ["hunter2", "hunter2:x", "hunter2:hunter3", "k:gAAAAAx y", "k:", ":", "é:gAAAAA"]
    )
    def test_plain_text_in_the_column_is_loud_and_never_repeated(self, stored: str) -> None:
        with pytest.raises(CiviparoisseError) as caught:
            KeyRing(make_keys(k=NEW_KEY)).decrypt(stored)
        assert caught.value.params == {"key_id": "?"}
        assert "hunter" not in str(caught.value)

    @given(st.integers(0, 200), st.integers(1, 255))
    def test_a_changed_token_is_loud(self, at: int, change: int) -> None:
        ring = KeyRing(make_keys(k=NEW_KEY))
        stored = ring.encrypt(SECRET)
        at = at % len(stored)
        changed = stored[:at] + chr((ord(stored[at]) + change) % 256) + stored[at + 1 :]
        try:
            assert ring.decrypt(changed) == SECRET  # only the unused bits of the last characters
        except CiviparoisseError as error:
            assert error.code == "secret_unreadable"

    @pytest.mark.parametrize(
        "lines",
        ["", "\n", NEW_KEY, f":{NEW_KEY}", f"a b:{NEW_KEY}", f"é:{NEW_KEY}", f"{'k' * 17}:{NEW_KEY}", "k:short",
         f"k:{NEW_KEY}\nk:{OLD_KEY}", "k:é"],
    )  # fmt: skip
    def test_unusable_keys_stop_everything_and_are_not_repeated(self, lines: str) -> None:
        with pytest.raises(ImproperlyConfigured) as caught:
            KeyRing(lines)
        assert NEW_KEY not in str(caught.value)


@pytest.mark.django_db
class TestColumns:
    def test_every_way_of_writing_encrypts(self) -> None:
        tenant = make_tenant_row()
        tenant.smtp_password = SECRET
        tenant.save()
        assert read_passwords()[0] != ""
        Tenant.objects.filter(pk=tenant.pk).update(smtp_password=SECRET + "2")
        assert read_passwords()
        tenant.smtp_password = SECRET + "3"
        Tenant.objects.bulk_update([tenant], ["smtp_password"])
        assert read_passwords()
        tenant.refresh_from_db()
        assert tenant.smtp_password == SECRET + "3"
        Tenant.objects.bulk_create([Tenant(slug="b", smtp_password=SECRET), Tenant(slug="c")])
        assert [bool(text) for text in read_passwords()] == [True, True, False]
        Tenant.objects.update_or_create(slug="c", defaults={"smtp_password": SECRET})
        assert all(read_passwords())

    def test_every_way_of_reading_decrypts(self) -> None:
        make_tenant_row()
        Tenant.objects.update(smtp_password=SECRET)
        rows = Tenant.objects.all()
        assert rows.get().smtp_password == SECRET
        assert rows.defer("smtp_password").get().smtp_password == SECRET
        assert list(rows.values_list("smtp_password", flat=True)) == [SECRET]
        assert rows.values("smtp_password").get() == {"smtp_password": SECRET}
        assert [row.smtp_password for row in rows.iterator()] == [SECRET]
        assert rows.raw("SELECT * FROM tenants_tenant")[0].smtp_password == SECRET

    def test_empty_stays_empty(self) -> None:
        tenant = make_tenant_row()
        assert read_passwords() == [""]
        tenant.refresh_from_db()
        assert tenant.smtp_password == ""

    def test_the_same_text_is_stored_differently_each_time(self) -> None:
        make_tenant_row()
        make_tenant_row("sainte-marie")
        Tenant.objects.filter(slug="saint-paul").update(smtp_password=SECRET)
        Tenant.objects.filter(slug="sainte-marie").update(smtp_password=SECRET)
        assert len(set(read_passwords())) == 2

    def test_objects_are_encrypted_whole(self) -> None:
        instance = make_instance_row()
        instance.secrets = {"db_password": SECRET, "n": [1, None]}
        instance.save()
        (stored,) = read_column("tenants_instance", "secrets")
        assert STORED.fullmatch(stored)
        instance.refresh_from_db()
        assert instance.secrets == {"db_password": SECRET, "n": [1, None]}
        Instance.objects.update(secrets={})
        assert read_column("tenants_instance", "secrets") == [""]
        assert Instance.objects.get().secrets == {}

    @pytest.mark.parametrize("lookup", ["smtp_password", "smtp_password__contains", "smtp_password__in"])
    def test_searching_is_refused_rather_than_answered_wrongly(self, lookup: str) -> None:
        with pytest.raises(FieldError):
            Tenant.objects.filter(**{lookup: SECRET}).exists()

    @pytest.mark.parametrize(
        "use", [str, bool, len, list, "{}".format, lambda secret: secret["a"], lambda s: s.encode()]
    )
    def test_what_no_key_reads_refuses_every_use_and_nothing_else_of_its_row(self, use: Any) -> None:
        make_tenant_row()
        Tenant.objects.update(smtp_password=SECRET)
        with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY)):
            tenant = Tenant.objects.get()
            assert tenant.slug == "saint-paul"
            with pytest.raises(CiviparoisseError) as caught:
                use(tenant.smtp_password)
            assert SECRET not in repr(tenant.smtp_password)
        assert caught.value.code == "secret_unreadable"

    def test_saving_a_row_leaves_a_secret_that_no_key_reads_as_it_is(self) -> None:
        instance = make_instance_row()
        instance.secrets = {"db_password": SECRET}
        instance.save()
        Tenant.objects.update(smtp_password=SECRET)
        before = read_passwords() + read_column("tenants_instance", "secrets")
        with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY)):
            for row in (Tenant.objects.get(), Instance.objects.get()):
                row.save()
                type(row).objects.bulk_update([row], ["secrets" if isinstance(row, Instance) else "smtp_password"])
        assert read_passwords() + read_column("tenants_instance", "secrets") == before
        assert Instance.objects.get().secrets == {"db_password": SECRET}

    def test_no_secret_is_exported_to_a_file(self) -> None:
        tenant = make_tenant_row()
        with pytest.raises(CiviparoisseError) as caught:
            serializers.serialize("json", [tenant])
        assert caught.value.code == "secret_not_exported"
        assert "slug" in json.loads(serializers.serialize("json", [tenant], fields=["slug"]))[0]["fields"]


@pytest.mark.parametrize("column", [EncryptedTextField(blank=True), EncryptedJSONField(default=dict)])
def test_migrations_can_write_the_columns(column: Any) -> None:
    text, imports = MigrationWriter.serialize(column)
    assert text.startswith(f"tenants.encryption.{type(column).__name__}(")
    assert imports == {"import tenants.encryption"}
