"""The production checklist over REST."""

import pytest
from django.test import Client

from domain.states import InstanceState
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine
from tests.operations.conftest import engine  # noqa: F401 - a fixture
from tests.rows import make_instance_row

URL = "/api/v1/checklist/"


@pytest.mark.django_db
def test_the_answers_for_all_and_for_each_parish(api: Client, engine: FakeEngine) -> None:  # noqa: F811 - the fixture
    backup = make_backup_row(make_instance_row(state=InstanceState.ACTIVE), stored_bytes=1)
    engine.set_up("saint-paul", backup_ids=(backup.backup_id,))
    document = api.get(URL).json()
    assert document["met"] is False
    codes = {(answer["instance"], answer["code"]) for answer in document["answers"]}
    for_all = {"alerts_arrive", "encrypted", "manager_archived", "people_trained", "procedure_printed", "drill_passed"}
    assert {code for instance, code in codes if instance is None} == for_all
    own = {"automatic_backups", "age_watched", "retention_applied", "room", "restore_proven", "remote_copies"}
    assert {code for instance, code in codes if instance == "saint-paul"} == own
    alone = api.get(URL, {"tenant": "saint-paul"}).json()["answers"]
    assert {answer["instance"] for answer in alone} == {"saint-paul"}
    assert api.get(URL, {"tenant": "nobody"}).status_code == 404
    assert api.get(URL, {"tenan": "saint-paul"}).status_code == 400
