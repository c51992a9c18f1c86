"""A form without its token is told what to do, on this site alone."""

import pytest
from django.test import Client, RequestFactory

from parish_site.models import SignIn
from parish_site.stale_posts import show_stale

pytestmark = pytest.mark.django_db


def test_on_this_site_people_are_told_what_to_do_and_nothing_is_done() -> None:
    answer = Client(enforce_csrf_checks=True).post("/paroisse/", {"mail": "a@example.org"})
    assert answer.status_code == 403 and "rien n’a été envoyé" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store" and not SignIn.objects.exists()


def test_elsewhere_the_answer_does_not_lead_to_this_site() -> None:
    answer = show_stale(RequestFactory().post("/admin/login/"), "CSRF cookie not set.")
    assert answer.status_code == 403 and "/paroisse/" not in answer.content.decode()
