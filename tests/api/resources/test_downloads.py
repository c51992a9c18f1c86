"""Downloads over REST: a sealed file for who may, an error for what cannot be read, all of it recorded."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from api.tokens import create_token
from backups.models import Backup
from offsite.downloads import make_one_time_key
from offsite.models import Download
from tests.backups.rows import make_backup_row
from tests.backups.sets import make_set
from tests.engines import FakeEngine
from tests.operations.conftest import engine  # noqa: F401 - a fixture
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)
BACKUP_ID = "20261121T080000Z-5f3a9c"
ADDRESS = f"/api/v1/backups/{BACKUP_ID}/downloads/"


@pytest.fixture
def backup(engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Backup:  # noqa: F811
    """A set on a volume that the manager itself can read."""
    set_dir = make_set(tmp_path)
    monkeypatch.setattr(engine, "find_sets_directory", lambda _identifier: tmp_path / "backups")
    row = make_backup_row(make_instance_row(), stored_bytes=1)
    digest = hashlib.sha256((set_dir / "manifest.json").read_bytes()).hexdigest()
    Backup.objects.filter(pk=row.pk).update(backup_id=BACKUP_ID, manifest_sha256=digest)
    row.refresh_from_db()
    return row


def ask(client: Client, **body: Any) -> Any:
    return client.post(ADDRESS, json.dumps(body), "application/json")


def test_a_set_is_streamed_sealed_and_recorded(api: Client, backup: Backup) -> None:
    key, recipient = make_one_time_key()
    answer = ask(api, recipient=recipient, parts=["sites"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/octet-stream")
    assert answer["Content-Disposition"] == f'attachment; filename="{BACKUP_ID}.tar.age"'
    plain = pyrage.decrypt(b"".join(answer.streaming_content), [pyrage.x25519.Identity.from_str(key)])
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        names = archive.getnames()
    assert f"{BACKUP_ID}/sites.tar.gz" in names and f"{BACKUP_ID}/private.tar.gz" not in names
    (told,) = api.get(ADDRESS).json()["downloads"]
    assert (told["requested_by"], told["parts"], told["error_code"]) == ("api:jeanne", ["sites"], "")
    assert told["recipient"] == recipient and told["ended_at"] and told["sent_bytes"] > 0
    assert Download.objects.get().backup == backup


@pytest.mark.usefixtures("backup")
def test_what_is_wrong_is_an_error_before_anything_is_sent(api: Client, tmp_path: Path) -> None:
    recipient = make_one_time_key()[1]
    for body, field in (({"recipient": "age1"}, "recipient"), ({"recipient": recipient, "parts": ["other"]}, "parts")):
        answer = ask(api, **body)
        assert answer.status_code == 400 and answer.json()["error"]["fields"][0]["field"] == field
    (tmp_path / "backups" / BACKUP_ID / "manifest.json").unlink()
    answer = ask(api, recipient=recipient)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "download_nowhere")


@pytest.mark.usefixtures("backup")
def test_who_hangs_up_in_the_middle_ends_it_and_is_noted(api: Client) -> None:
    answer = ask(api, recipient=make_one_time_key()[1])
    chunks = iter(answer.streaming_content)
    assert next(chunks) and Download.objects.get().ended_at is None
    answer.close()
    row = Download.objects.get()
    assert (row.error_code, row.ended_at is not None) == ("GeneratorExit", True)


@pytest.mark.usefixtures("backup")
def test_seeing_backups_is_not_downloading_them() -> None:
    paul = User.objects.create_user("paul", is_staff=True)
    paul.user_permissions.set(Permission.objects.filter(codename__in=["view_backup", "view_download"]))
    client = Client(headers={"authorization": f"Bearer {create_token('paul', 'tests', scopes=['admin'])[1]}"})
    assert client.get(ADDRESS).status_code == 200
    assert ask(client, recipient=make_one_time_key()[1]).status_code == 403 and not Download.objects.exists()
    paul.user_permissions.add(Permission.objects.get(codename="add_download"))
    paul.refresh_from_db()
    answer = ask(client, recipient=make_one_time_key()[1])
    assert answer.status_code == 200 and b"".join(answer.streaming_content).startswith(b"age-encryption.org/v1")
