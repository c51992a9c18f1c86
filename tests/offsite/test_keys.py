"""Keys: a copy opens with either of its keys, the recovery key is on paper alone, and signatures are this manager's."""

import pyrage
import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError
from offsite.keys import (
    create_recovery_key,
    ensure_parish_key,
    ensure_space,
    get_recovery_key,
    is_signed,
    list_recipients,
    prove_recovery_key,
    rotate_parish_key,
    rotate_signing_key,
    sign,
    unseal,
)
from offsite.models import ParishKey, RecoveryKey, SigningKey
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db


def seal(data: bytes, recipients: list[str]) -> bytes:
    return bytes(pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(one) for one in recipients]))


def test_what_is_sealed_opens_with_the_parish_key_and_with_the_printed_one() -> None:
    paul = make_tenant_row()
    printed = create_recovery_key(requested_by="test")
    prove_recovery_key(printed.identity, now=timezone.now())
    sealed = seal(b"a set", list_recipients(paul))
    assert unseal(sealed, paul) == b"a set"
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(printed.identity)]) == b"a set"
    with pytest.raises(CiviparoisseError) as refused:
        unseal(sealed, make_tenant_row("sainte-marie"))
    assert refused.value.code == "copy_unreadable"


def test_a_recovery_key_counts_once_it_was_typed_from_its_paper() -> None:
    printed = create_recovery_key(requested_by="test")
    with pytest.raises(CiviparoisseError) as missing:
        get_recovery_key()
    assert missing.value.code == "recovery_key_missing"
    for typed in ("", "AGE-SECRET-KEY-1", str(pyrage.x25519.Identity.generate())):
        with pytest.raises(CiviparoisseError) as wrong:
            prove_recovery_key(typed, now=timezone.now())
        assert wrong.value.code == "recovery_key_wrong"
        assert not typed or typed not in str(wrong.value) or typed == "AGE-SECRET-KEY-1"
    half = len(printed.identity) // 2
    prove_recovery_key(f" {printed.identity[:half].lower()}\n {printed.identity[half:]} ", now=timezone.now())
    assert get_recovery_key().recipient == printed.recipient


def test_the_private_half_is_nowhere() -> None:
    printed = create_recovery_key(requested_by="test")
    prove_recovery_key(printed.identity, now=timezone.now())
    assert printed.identity not in repr(printed)
    assert all(printed.identity not in str(row) for row in RecoveryKey.objects.values_list())


def test_a_new_key_seals_and_the_earlier_ones_still_open() -> None:
    paul = make_tenant_row()
    first = ensure_parish_key(paul)
    assert ensure_parish_key(paul) == first
    sealed = seal(b"before", [first.recipient])
    second = rotate_parish_key(paul)
    assert ensure_parish_key(paul) == second != first
    assert unseal(sealed, paul) == b"before"
    prove_recovery_key(create_recovery_key(requested_by="test").identity, now=timezone.now())
    newer = create_recovery_key(requested_by="test")
    assert newer.recipient not in list_recipients(paul)
    prove_recovery_key(newer.identity, now=timezone.now())
    assert list_recipients(paul) == [second.recipient, newer.recipient]


def test_a_private_key_is_encrypted_in_the_database() -> None:
    key = ensure_parish_key(make_tenant_row())
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT identity FROM offsite_parishkey")
        stored = cursor.fetchone()[0]
    assert stored.startswith("k1:gAAAAA") and key.identity not in stored
    assert ParishKey.objects.get().identity == key.identity


def test_a_signature_is_ours_and_of_these_facts() -> None:
    signature, public = sign(["a", "b"])
    rotate_signing_key()
    assert is_signed(["a", "b"], signature=signature, public=public)
    assert not is_signed(["a", "c"], signature=signature, public=public)
    assert not is_signed(["a\nb"], signature="00" * 64, public=public)
    assert not is_signed(["a", "b"], signature="no hex", public=public)
    SigningKey.objects.filter(public=public).delete()
    assert not is_signed(["a", "b"], signature=signature, public=public)


def test_a_parish_has_one_prefix_that_says_nothing() -> None:
    paul = make_tenant_row()
    space = ensure_space(paul)
    assert ensure_space(paul) == space and len(space.name) == 32 and "paul" not in space.name
