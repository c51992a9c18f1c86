"""A table of contacts is read whole: every fault of every line is told, and then nothing is recorded."""

import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError
from parish_requests.contact_files import import_contacts, read_contacts
from parish_requests.models import ContactMail, ParishContact
from tests.parish_requests.cast import make_contact
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db
HEAD = "tenant,name,mail,may_ask,is_informed\n"


def refuse(text: str) -> str:
    with pytest.raises(CiviparoisseError) as caught:
        read_contacts(text)
    assert caught.value.code == "contact_file_invalid"
    return str(caught.value.params["summary"])


def test_new_ones_are_recorded_and_asked_and_known_ones_stay() -> None:
    make_contact(make_tenant_row(), mail="jeanne@example.org")
    make_tenant_row("saint-jean")
    text = f"{HEAD}saint-paul,Jeanne,JEANNE@example.org,,\n\nSaint-Jean,Rose Weber,rose@example.org,non,oui\n"
    lines = read_contacts(text)
    assert [(line.number, line.is_known) for line in lines] == [(2, True), (4, False)]
    (rose,) = import_contacts(lines, by="marc", now=timezone.now())
    assert (rose.tenant.slug, rose.may_ask, rose.is_informed, rose.created_by) == ("saint-jean", False, True, "marc")
    assert ContactMail.objects.get(is_secret=True).address == "rose@example.org"
    assert import_contacts(read_contacts(text), by="marc", now=timezone.now()) == []


def test_semicolons_quotes_and_fewer_columns() -> None:
    make_tenant_row()
    (line,) = read_contacts('name;mail;tenant\r\n"Weiss; Jeanne";jeanne@example.org;saint-paul\r\n')
    assert (line.name, line.may_ask, line.is_informed) == ("Weiss; Jeanne", True, True)


def test_every_fault_of_every_line_is_told_at_once() -> None:
    make_tenant_row()
    told = refuse(
        f"{HEAD}nowhere,A,a@example.org,,\nsaint-paul,,b@example.org,,\nsaint-paul,C,c,,\n"
        "saint-paul,D,d@example.org,maybe,\nsaint-paul,E,e@example.org,no,no\n"
        "saint-paul,F,f@example.org,,\nsaint-paul,F2,F@example.org,,\n"
    )
    assert told.count("\n- ") == 6 and all(f" {number}" in told for number in (2, 3, 4, 5, 6, 8)), told
    assert not ParishContact.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name,mail\nA,a@example.org\n",
        "tenant,name,mail,role\nsaint-paul,A,a@example.org,x\n",
        "tenant,name,mail,mail\nsaint-paul,A,a@example.org,b@example.org\n",
        f"{HEAD}saint-paul,A\n",
        f'{HEAD}saint-paul,"A,a@example.org,,\n',
    ],
)
def test_what_is_no_such_table_is_refused(text: str) -> None:
    make_tenant_row()
    assert refuse(text)
