"""Requests are found by their reference, as people say it, and listed narrowed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from domain.errors import NotFound
from parish_requests.actors import MANAGER
from parish_requests.asking import withdraw_request
from parish_requests.models import RequestRules
from parish_requests.selectors import get_request, get_rules, list_requests, list_waiting
from tests.parish_requests.cast import HOUR, make_draft, make_parish, make_sent

pytestmark = pytest.mark.django_db


def test_a_reference_is_read_as_people_say_it() -> None:
    request = make_draft(make_parish())
    first, second = request.reference.split("-")
    for said in (request.reference, request.reference.lower(), f" {first} {second} ", first + second):
        assert get_request(said) == request
    for said in ("", "-", "K7M2", request.reference + "2", request.reference[:-1]):
        with pytest.raises(NotFound):
            get_request(said)


def test_lists_are_narrowed() -> None:
    paul, marie = make_parish(), make_parish("sainte-marie")
    draft, sent = make_draft(paul), make_sent(paul, scope="files")
    other = make_sent(marie, wish="backup", external_reference="HD-17")
    withdraw_request(draft, actor=MANAGER, now=timezone.now())
    assert list(list_requests()) == [other, sent, draft]
    assert list(list_requests(tenant="saint-paul")) == [sent, draft]
    assert list(list_requests(tenants=[marie.tenant_id])) == [other]
    assert list(list_requests(tenants=[])) == []
    assert list(list_requests(instance="sainte-marie")) == [other]
    assert list(list_requests(state="withdrawn")) == [draft]
    assert list(list_requests(wish="backup")) == [other]
    assert list(list_requests(is_open=True)) == [other, sent]
    assert list(list_requests(is_open=False)) == [draft]
    assert list(list_requests(external_reference="HD-17")) == [other]


def test_what_ends_first_waits_at_the_top() -> None:
    paul, now = make_parish(), timezone.now()
    make_draft(paul)
    later, sooner = make_sent(paul, scope="data", now=now), make_sent(paul, scope="files", now=now - HOUR)
    assert list(list_waiting()) == [sooner, later]


def test_as_many_queries_for_many_requests() -> None:
    paul, counts = make_parish(), []
    for _more in range(2):
        for _request in range(4):
            make_draft(paul, wish="help")
        with CaptureQueriesContext(connection) as queries:
            assert all(one.tenant.slug and one.instance.identifier for one in list_requests())
        counts.append(len(queries))
    assert counts == [1, 1]


def test_rules_are_those_that_uepal_set() -> None:
    assert (get_rules().second_from_lost_percent, get_rules().pk) == (5, None)
    RequestRules.objects.create(telephone="+33 3 88 25 90 00", second_from_days=7)
    assert (get_rules().telephone, get_rules().second_from_days) == ("+33 3 88 25 90 00", 7)
