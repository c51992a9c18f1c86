"""What the doors answer of requests and contacts, in a number of queries that does not grow with them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domain.states import InstanceState
from parish_requests.documents import (
    ContactSerializer,
    PreviewSerializer,
    RecordSerializer,
    RequestSerializer,
    list_contacts,
    list_documents,
    make_preview_document,
    make_record_document,
)
from parish_requests.models import RequestEvent
from parish_requests.selectors import list_requests
from tests.parish_requests.cast import make_contact, make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def parish() -> Any:
    """A parish of Jeanne."""
    row = make_instance_row(state=InstanceState.ACTIVE)
    make_contact(row.tenant)
    return row


def test_missing_values_are_null_and_secrets_are_no_part(parish: Any) -> None:
    document = RequestSerializer(make_sent(parish, wish="help")).data
    assert (document["state"], document["channel"], document["backup"], document["approvals"]) == (
        "submitted",
        None,
        None,
        [],
    )
    contact = ContactSerializer(parish.tenant.contacts.get()).data
    assert contact["confirmed_at"] and not {name for name in contact if "sha256" in name}


def test_a_record_that_was_changed_says_where(parish: Any) -> None:
    request = make_sent(parish, wish="help")
    document = RecordSerializer(make_record_document(request)).data
    assert document["broken_at"] is None and document["events"][0]["what"] == "begun"
    assert all("sealed" not in event["data"] for event in document["events"])
    RequestEvent.objects.filter(request=request, number=2).update(what="approve")
    assert RecordSerializer(make_record_document(request)).data["broken_at"] == 2


def test_a_preview_is_in_words_and_in_figures(parish: Any) -> None:
    request = make_sent(parish, wish="help")
    document = PreviewSerializer(make_preview_document(request)).data
    assert document["lead"] and document["outcome"] and document["document"] == {}
    assert document["preview_sha256"] == RequestSerializer(request).data["preview_sha256"]


def test_lists_take_as_many_queries_for_many(parish: Any) -> None:
    counts = []
    for more in (1, 6):
        for number in range(more):
            make_sent(parish, wish="help", cause=("other", "deleted")[number % 2], why=f"{more} {number}")
            make_contact(parish.tenant, f"Paul{more}{number} Roth")
            type(parish.tenant.requests.first()).objects.update(state="done")
        with CaptureQueriesContext(connection) as queries:
            assert RequestSerializer(list_documents(list_requests()), many=True).data
            assert ContactSerializer(list_contacts(), many=True).data
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4
