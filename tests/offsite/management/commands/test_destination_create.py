"""The commands of destinations, as somebody types them."""

from pathlib import Path

import pytest

from offsite.models import Destination
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_a_destination_is_recorded_by_a_command_and_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("very secret")
    given = ["strasbourg", "--kind", "s3", "--bucket", "copies", "--access-key-id", "a"]
    given += ["--secret-access-key-file", str(tmp_path / "secret")]
    code, document = run_json("destination_create", *given, "--dry-run")
    assert code == 0 and document["dry_run"] and not Destination.objects.exists()
    code, document = run_json("destination_create", *given)
    assert code == 0 and document["next"] == "destination_check strasbourg" and "very secret" not in str(document)
    assert Destination.objects.get().settings["secret_access_key"] == "very secret"
    code, _stdout, stderr = run_command("destination_create", *given)
    assert code != 0 and "strasbourg" in stderr
