"""A request is entered for a parish that reached UEPAL by another way; another person decides on it."""

import pytest

from domain.parish_requests import RequestState
from domain.states import InstanceState
from parish_requests.models import RestoreRequest
from tests.console.requests.rows import get_instance, make_contact_row, make_moment
from tests.people import make_client, read_page
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
ADD = "/admin/parish_requests/restorerequest/add/"
MAY = ("parish_requests.add_restorerequest", "parish_requests.view_restorerequest")


def _values(**changes: object) -> dict[str, object]:
    given = {
        "channel": "by telephone, by Mrs Martin",
        "contact": "",
        "wish": "restore",
        "cause": "import",
        "moment": "",
        "scope": "everything",
        "part": "",
        "why": "The import of Tuesday is wrong",
        "external_reference": "HD-7",
    }
    return {**given, **changes}


def test_it_is_entered_sent_and_told_for_ever_how_it_came() -> None:
    moment, contact = make_moment(), make_contact_row()
    instance = get_instance()
    client = make_client(*MAY, name="anne")
    page = read_page(client, f"{ADD}?tenant={instance.tenant_id}")
    assert "Jeanne Martin" in page and f'value="{moment.pk}"' in page
    values = _values(moment=moment.pk, contact=contact.pk)
    answer = client.post(f"{ADD}?tenant={instance.tenant_id}", values, follow=True)
    request = RestoreRequest.objects.get()
    assert (request.state, request.backup, request.asked_by) == (RequestState.SUBMITTED, moment, contact)
    assert (request.entered_by, request.channel) == ("anne", "by telephone, by Mrs Martin")
    assert request.external_reference == "HD-7"
    page = answer.content.decode()
    assert "by telephone, by Mrs Martin" in page and "saisie par anne" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": ""}, "channel"),
        ({"why": ""}, "why"),
        ({"moment": ""}, "moment"),
        ({"moment": "999999"}, "moment"),
        ({"scope": "part", "part": "../../etc/passwd"}, "part"),
        ({"scope": "part", "part": ""}, "part"),
        ({"part": "sites/default"}, "part"),
        ({"wish": "undo"}, "wish"),
        ({"wish": "backup"}, "moment"),
        ({"contact": "999999"}, "contact"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_lost(changes: dict[str, object], field: str) -> None:
    moment = make_moment()
    address = f"{ADD}?instance={moment.instance_id}"
    answer = make_client(*MAY).post(address, _values(**{"moment": moment.pk, **changes}))
    assert answer.status_code == 200 and list(answer.context["form"].errors) == [field]
    assert "HD-7" in answer.content.decode() and not RestoreRequest.objects.exists()


def test_another_parish_s_moments_and_contacts_are_not_offered() -> None:
    own, other = make_moment(), make_moment("sainte-marie")
    make_contact_row("sainte-marie", mail="p@example.org", name="Paul Roth")
    make_contact_row(name="Not Confirmed", confirmed_at=None)
    client = make_client(*MAY)
    page = read_page(client, f"{ADD}?instance={own.instance_id}")
    assert "Paul Roth" not in page and "Not Confirmed" not in page and f'value="{other.pk}"' not in page
    answer = client.post(f"{ADD}?instance={own.instance_id}", _values(moment=other.pk))
    assert "moment" in answer.context["form"].errors and not RestoreRequest.objects.exists()


def test_which_parish_is_asked_where_the_address_does_not_say() -> None:
    client = make_client(*MAY)
    assert "Aucune instance n’a de données" in read_page(client, ADD)
    paul, marie = get_instance(), get_instance("sainte-marie")
    make_instance_row("saint-jean", state=InstanceState.NEW)
    page = read_page(client, ADD)
    assert f'value="{paul.pk}"' in page and f'value="{marie.pk}"' in page and "saint-jean" not in page
    assert "Quelle étendue" in read_page(client, f"{ADD}?instance={marie.pk}")
    for query in ("?instance=999999", "?instance=x", "?instance=²", f"?instance={10**30}"):
        assert client.get(ADD + query).status_code == 404
    for query in ("?tenant=999999", f"?tenant={10**30}"):
        assert "Aucune instance n’a de données" in read_page(client, ADD + query)


def test_what_is_asked_twice_stays_begun_and_says_why() -> None:
    moment = make_moment()
    client, address = make_client(*MAY), f"{ADD}?instance={moment.instance_id}"
    client.post(address, _values(moment=moment.pk))
    page = client.post(address, _values(moment=moment.pk), follow=True).content.decode()
    first, second = RestoreRequest.objects.order_by("pk")
    assert (first.state, second.state) == (RequestState.SUBMITTED, RequestState.DRAFT)
    assert first.reference in page and f"/{second.pk}/decide/send/" in page


def test_permission_is_asked() -> None:
    moment = make_moment()
    client = make_client("parish_requests.view_restorerequest")
    for address in (ADD, f"{ADD}?instance={moment.instance_id}"):
        assert client.get(address).status_code == 403
        assert client.post(address, _values(moment=moment.pk)).status_code == 403
    assert not RestoreRequest.objects.exists()
