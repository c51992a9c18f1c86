"""parish_key_rotate: a dry run makes no key."""

import pytest

from offsite.models import ParishKey
from tests.commands import run_json
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db


def test_a_dry_run_says_what_it_means_and_makes_none() -> None:
    make_tenant_row()
    code, document = run_json("parish_key_rotate", "saint-paul", "--dry-run")
    assert code == 0 and document["sentences"] and not ParishKey.objects.exists()
    assert run_json("parish_key_rotate", "saint-paul")[1]["public"] == ParishKey.objects.get().recipient
    assert run_json("parish_key_rotate", "nobody")[0] != 0
