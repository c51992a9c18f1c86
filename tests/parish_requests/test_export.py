"""The record as one document for the parish council: all of it, in French, with what proves it."""

import pytest
from django.utils import timezone

from parish_requests.deciding import ask_back, refuse_request
from parish_requests.export import export_record
from parish_requests.models import RequestEvent
from tests.parish_requests.cast import WHY, make_parish, make_person, make_sent, make_staff

pytestmark = pytest.mark.django_db


def test_it_holds_who_what_and_why() -> None:
    request, marc, now = make_sent(make_parish(), scope="part", part="sites/photo.jpg"), make_person(), timezone.now()
    ask_back(request, "Depuis\nquand ?", person=marc, actor=make_staff(marc), now=now)
    refuse_request(request, "Rien n’est perdu.", person=marc, actor=make_staff(marc), now=now)
    text = export_record(request)
    wanted = [request.reference, "Jeanne Weiss", "jeanne@saint-paul.example.org", "sites/photo.jpg", f"> {WHY}"]
    wanted += ["> Depuis", "> quand ?", "> Rien n’est perdu.", "marc", "192.0.2.7", "refusée"]
    assert [word for word in wanted if word not in text] == []
    assert request.events.latest("number").sha256 in text and "Vérifié" in text
    assert (
        "%(" not in text
        and "sealed" not in text
        and request.events.earliest("number").data["sealed"]["salt"] not in text
    )


def test_what_was_touched_is_said() -> None:
    request = make_sent(make_parish())
    RequestEvent.objects.filter(request=request, number=2).update(actor="Ève")
    text = export_record(request)
    assert "PAS" in text and request.events.latest("number").sha256 not in text


def test_a_request_without_a_moment() -> None:
    assert "saint-paul" not in export_record(make_sent(make_parish(), wish="help")).split("\n\n")[1]
