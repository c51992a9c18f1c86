"""copy_keys: public halves and counts, never a private one."""

import pytest

from offsite.keys import create_recovery_key
from tests.commands import run_json

pytestmark = pytest.mark.django_db


def test_keys_are_listed_without_their_private_halves() -> None:
    printed = create_recovery_key(requested_by="test")
    code, document = run_json("copy_keys")
    assert code == 0 and printed.identity not in str(document)
    assert [(key["public"], key["seals"], key["copies"]) for key in document["keys"]] == [(printed.recipient, False, 0)]
