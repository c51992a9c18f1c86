"""A file of contacts: a dry run reads it, the import records all of it or nothing."""

from pathlib import Path

import pytest

from parish_requests.models import ParishContact
from tests.commands import run_command, run_json
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db


def test_a_file_is_tried_and_imported(tmp_path: Path) -> None:
    make_tenant_row()
    file = tmp_path / "contacts.csv"
    file.write_text("tenant;name;mail\nsaint-paul;Hélène Weiss;helene@example.org\n", encoding="utf-8-sig")
    assert run_json("contact_import", str(file), "--dry-run") == (0, {"new": 1, "known": 0, "dry_run": True})
    assert not ParishContact.objects.exists()
    assert run_json("contact_import", str(file))[1]["new"] == 1
    assert run_json("contact_import", str(file))[1] == {"new": 0, "known": 1, "dry_run": False}
    assert ParishContact.objects.get().name == "Hélène Weiss"


@pytest.mark.parametrize(
    "content", [b"tenant;name;mail\nsaint-paul;H\xe9l\xe8ne;h@example.org\n", b"x" * 3_000_000, None]
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "contacts.csv"
    if content is not None:
        file.write_bytes(content)
    code, answer = run_json("contact_import", str(file))
    assert code == 1 and answer["error"]["code"] == "contact_file_invalid"
    assert run_command("contact_import", str(file))[0] == 1 and not ParishContact.objects.exists()
