"""Changing keys: all secrets end under the current one, whatever interrupts."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import override_settings

from clusters.models import Cluster
from offsite.models import Destination, ParishKey, SigningKey
from tenants.encryption import KeyRing
from tenants.models import Instance, Tenant
from tenants.rotation import find_unreadable, list_secret_columns, reencrypt_secrets
from tests.keys import NEW_KEY, OLD_KEY, make_keys
from tests.rows import make_instance_row, make_tenant_row
from watch.models import Recipient

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored_secrets() -> Iterator[None]:
    """Three secrets of the key "old", which is then the second key."""
    with override_settings(FIELD_KEYS=make_keys(old=OLD_KEY)):
        make_instance_row("saint-paul")
        make_tenant_row("sainte-marie")
        Tenant.objects.filter(slug="saint-paul").update(smtp_password="one", imap_password="two")
        Instance.objects.update(secrets={"db_password": "three"})
    with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY, old=OLD_KEY)):
        yield


def read_all_columns() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT smtp_password FROM tenants_tenant UNION ALL SELECT imap_password FROM tenants_tenant"
            " UNION ALL SELECT secrets FROM tenants_instance"
        )
        return sorted(row[0] for row in cursor.fetchall() if row[0])


def count_keys() -> Counter[str]:
    return Counter(stored.partition(":")[0] for stored in read_all_columns())


def test_every_encrypted_column_is_known() -> None:
    names = {(column.model, column.name) for column in list_secret_columns()}
    tenants = {(Tenant, "smtp_password"), (Tenant, "imap_password"), (Instance, "secrets")}
    elsewhere = {(SigningKey, "private"), (ParishKey, "identity"), (Destination, "settings")}
    elsewhere |= {(Recipient, "secret"), (Recipient, "former_secret")}
    assert names == tenants | {(Cluster, "kubeconfig"), (Cluster, "image_pull_config")} | elsewhere
    assert all(column.exists() for column in list_secret_columns())


@pytest.mark.usefixtures("stored_secrets")
class TestRotation:
    def test_all_secrets_end_under_the_current_key(self) -> None:
        rotation = reencrypt_secrets(dry_run=False)
        assert (rotation.read, rotation.reencrypted, rotation.unreadable) == (3, 3, {})
        assert count_keys() == {"new": 3}
        with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY)):
            tenant = Tenant.objects.get(slug="saint-paul")
            assert (tenant.smtp_password, tenant.imap_password) == ("one", "two")
            assert Instance.objects.get().secrets == {"db_password": "three"}

    def test_doing_it_again_writes_nothing(self) -> None:
        reencrypt_secrets(dry_run=False)
        before = read_all_columns()
        assert reencrypt_secrets(dry_run=False).reencrypted == 0
        assert read_all_columns() == before

    def test_a_dry_run_counts_and_writes_nothing(self) -> None:
        before = read_all_columns()
        assert reencrypt_secrets(dry_run=True).reencrypted == 3
        assert read_all_columns() == before

    def test_what_an_interrupted_run_left_is_done_by_the_next(self) -> None:
        Tenant.objects.filter(slug="saint-paul").update(smtp_password="one")
        assert count_keys() == {"new": 1, "old": 2}
        assert reencrypt_secrets(dry_run=False).reencrypted == 2
        assert count_keys() == {"new": 3}

    def test_what_cannot_be_read_is_counted_and_left(self) -> None:
        lost = KeyRing(make_keys(lost=NEW_KEY)).encrypt("four")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE tenants_tenant SET smtp_password = %s WHERE slug = 'sainte-marie'", [lost])
        rotation = reencrypt_secrets(dry_run=False)
        assert (rotation.reencrypted, rotation.unreadable) == (3, {"lost": 1})
        assert lost in read_all_columns()
        assert find_unreadable() == {"lost": 1}

    def test_a_missing_key_makes_all_it_wrote_unreadable(self) -> None:
        assert find_unreadable() == {}
        with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY)):
            assert find_unreadable() == {"old": 3}
