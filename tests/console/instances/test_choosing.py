"""From instances that are ticked in their list to a campaign over them."""

import pytest

from domain.specs import InstanceKind
from domain.states import InstanceState
from tenants.models import Instance
from tests.people import make_client, read_page
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
LIST = "/admin/tenants/instance/"


def test_ticked_instances_come_to_the_page_of_kinds_and_places_of_proofs_do_not() -> None:
    rows = [
        make_instance_row(slug, state=InstanceState.ACTIVE) for slug in ("saint-paul", "saint-jean", "sainte-marie")
    ]
    Instance.objects.filter(identifier="sainte-marie").update(kind=InstanceKind.VERIFICATION.value)
    client = make_client(superuser=True)
    assert "En campagne…" in read_page(client, LIST)
    ticked = {"action": "begin_for_chosen", "_selected_action": [row.pk for row in rows]}
    page = client.post(LIST, ticked).content.decode()
    assert "2 instances sont choisies." in page and "saint-jean\nsaint-paul" in page and "sainte-marie" not in page


def test_only_those_who_may_record_campaigns_have_the_action() -> None:
    row = make_instance_row(state=InstanceState.ACTIVE)
    client = make_client("tenants.view_instance")
    assert "En campagne…" not in read_page(client, LIST)
    answer = client.post(LIST, {"action": "begin_for_chosen", "_selected_action": [row.pk]}, follow=True)
    assert "Que faire sur beaucoup" not in answer.content.decode()
