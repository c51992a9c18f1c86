"""What releases are for, instances held on theirs, parishes that go first: recorded by people, said by whom."""

import pytest
from django.utils import timezone

from campaigns.models import InstanceHold, ReleaseStanding, Volunteer
from tests.people import make_client, read_page
from tests.rows import make_instance_row, make_release_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
ROOT = "/admin/campaigns/"


def test_holds_and_volunteers_say_who_recorded_them() -> None:
    instance = make_instance_row()
    client = make_client(superuser=True)
    hold = {"instance": instance.pk, "reason": "Kermesse", "until": "31/12/2026"}
    assert client.post(f"{ROOT}instancehold/add/", hold).status_code == 302
    assert client.post(f"{ROOT}volunteer/add/", {"tenant": instance.tenant_id, "note": "Oui"}).status_code == 302
    assert InstanceHold.objects.get().created_by == Volunteer.objects.get().created_by == "jeanne"
    assert "Kermesse" in read_page(client, f"{ROOT}instancehold/")


def test_a_release_leads_to_its_campaign_unless_it_is_withdrawn() -> None:
    release = make_release_row("next")
    row = ReleaseStanding.objects.create(release=release, state="required", required_by=timezone.now().date())
    client = make_client(superuser=True)
    page = read_page(client, f"{ROOT}releasestanding/")
    link = f"{ROOT}campaign/add/?kind=upgrade&release=next"
    assert link in page and "exigée à une date" in page
    form = client.get(link).content.decode()
    assert 'value="next"' in form and "checked" in form and "notes_read" in form
    ReleaseStanding.objects.filter(pk=row.pk).update(state="withdrawn")
    assert link not in read_page(client, f"{ROOT}releasestanding/")
    reader = make_client("campaigns.view_releasestanding", name="reader")
    assert link not in read_page(reader, f"{ROOT}releasestanding/")
    assert reader.get(f"{ROOT}releasestanding/add/").status_code == 403


def test_whoever_may_change_what_releases_are_for_may_say_it_first() -> None:
    release = make_release_row("next")
    client = make_client("campaigns.change_releasestanding")
    given = {"release": release.pk, "state": "test", "notes": ""}
    assert client.post(f"{ROOT}releasestanding/add/", given).status_code == 302
    assert ReleaseStanding.objects.get().state == "test"
