"""Asking for an operation takes few queries, whatever its kind."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from operations.registry import list_kinds
from tests.api.test_answers import ROOT, list_starts, world
from tests.engines import FakeEngine
from tests.operations.conftest import engine

__all__ = ["engine", "world"]

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 30
# Kinds that must look further before they begin: into all sets and who reads each, or into what stands there.
MOST = {
    "instances/{identifier}/provision/": 31,
    "instances/{identifier}/resize/": 33,
    "instances/{identifier}/adopt/": 41,
    "instances/{identifier}/prune/": 44,
}


def test_asking_takes_few_queries(api: Client, world: FakeEngine) -> None:  # noqa: F811 - a fixture
    """From the token to the answer, on an instance of which the ledger knows nothing yet."""
    taken = {}
    for call in list_starts(world):
        with CaptureQueriesContext(connection) as queries:
            answer = api.post(ROOT + call.path, call.body, content_type="application/json")
        assert answer.status_code == call.status, answer.content
        if call.status == 202:
            taken[call.route[1]] = len(queries)
    assert len(taken) > len(list_kinds())
    assert {address: count for address, count in taken.items() if count > MOST.get(address, MOST_QUERIES)} == {}
