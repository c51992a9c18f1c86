"""policy_list."""

import pytest

from tests.backups.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_it_lists_what_is_kept_and_by_whom() -> None:
    code, document = run_json("policy_list")
    assert code == 0 and {one["name"] for one in document["policies"]} == {"critical", "medium", "low"}
    _code, text = run_command("policy_list")
    assert "jours conservés 30" in text and "production" in text
