"""The production checklist as a page."""

import pytest
from django.test import Client

from backups.models import ChecklistNote
from domain.states import InstanceState
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine
from tests.people import make_client, read_page
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
PAGE = "/admin/checklist/"


@pytest.mark.usefixtures("engine")
def test_it_answers_itself_for_all_and_for_each_parish(admin_client: Client, engine: FakeEngine) -> None:
    for slug in ("saint-paul", "sainte-marie"):
        backup = make_backup_row(make_instance_row(slug, state=InstanceState.ACTIVE), stored_bytes=1)
        engine.set_up(slug, backup_ids=(backup.backup_id,))
    page = read_page(admin_client, PAGE)
    for text in ("saint-paul", "sainte-marie", "restauration", "personnes", "NON", "oui"):
        assert text in page, text
    one = read_page(admin_client, f"{PAGE}?parish=saint-paul")
    assert "<h2>saint-paul</h2>" in one and "<h2>sainte-marie</h2>" not in one
    assert admin_client.get(f"{PAGE}?parish=nobody").status_code == 302


@pytest.mark.usefixtures("engine")
def test_people_note_what_they_did_with_day_and_names(admin_client: Client) -> None:
    said = {"code": "people_trained", "day": "2026-01-31", "names": "Jeanne et Paul"}
    assert admin_client.post(PAGE, said).status_code == 302
    note = ChecklistNote.objects.get()
    assert (note.code, note.day.isoformat(), note.names, note.noted_by[:6]) == (*said.values(), "admin:")
    assert "Jeanne et Paul" in read_page(admin_client, PAGE)
    for wrong in ({"day": "2999-01-01"}, {"names": ""}, {"code": "x"}, {"day": "31/13/2026"}):
        answer = admin_client.post(PAGE, {**said, **wrong})
        assert answer.status_code == 200
    assert ChecklistNote.objects.count() == 1


@pytest.mark.usefixtures("engine")
def test_it_is_seen_and_noted_by_who_may() -> None:
    assert make_client("tenants.view_tenant", name="paul").get(PAGE).status_code == 403
    reader = make_client("backups.view_backup")
    assert 'name="names"' not in read_page(reader, PAGE)
    assert reader.post(PAGE, {"code": "drill_passed", "day": "2026-01-31", "names": "x"}).status_code == 403
