"""recovery_card: what a person needs at night is on it, and no secret is."""

from pathlib import Path

import pytest

from offsite.destinations import create_destination
from tests.commands import run_command, run_json
from tests.recovery.archives import make_manager

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "a-secret-that-is-nobodys-business"


def test_the_card_names_places_keys_and_steps_and_no_secret(tmp_path: Path) -> None:
    make_manager(tmp_path / "place")
    bucket = {"kind": "s3", "bucket": "copies", "endpoint": "https://s3.example.org", "access_key_id": "KEYID"}
    create_destination({"name": "bucket", **bucket, "secret_access_key": SECRET}, requested_by="test")
    code, answer = run_json("recovery_card")
    assert code == 0 and {row["name"] for row in answer["destinations"]} == {"directory", "bucket"}
    code, text, errors = run_command("recovery_card")
    assert code == 0 and not errors
    for wanted in (answer["recovery_keys"][0], answer["manager"], "https://s3.example.org", "fleet_recover", "copies"):
        assert wanted in text, wanted
    assert SECRET not in text and SECRET not in str(answer) and "AGE-SECRET-KEY" not in text


def test_a_card_that_would_not_help_says_so() -> None:
    code, text, _errors = run_command("recovery_card")
    assert code == 0 and "aucune" in text.lower() and "nulle part" in text.lower()
