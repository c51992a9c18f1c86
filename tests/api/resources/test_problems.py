"""Problems over REST: what stands, one by one, and who is at it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.watch.rows import make_problem_row
from watch.models import Problem

pytestmark = pytest.mark.django_db
LIST = "/api/v1/problems"


def post(api: Client, address: str, body: object) -> Any:
    return api.post(address, json.dumps(body), content_type="application/json")


def test_what_stands_is_listed_and_narrowed(api: Client) -> None:
    old = make_problem_row("backup_old", "b", level="warning", tenant="b", since=timezone.now() - timedelta(days=2))
    bad = make_problem_row("failed", "a", tenant="a")
    gone = make_problem_row("failed", "c")
    Problem.objects.filter(pk=gone.pk).update(open_key=None, ended_at=timezone.now())

    def list_ids(query: str = "") -> list[int]:
        return [row["id"] for row in api.get(LIST + query).json()["results"]]

    assert list_ids() == [bad.pk, old.pk]
    assert list_ids("?tenant=b") == list_ids("?level=warning") == list_ids("?check=backup_old") == [old.pk]
    assert api.get(LIST + "?level=purple").status_code == api.get(LIST + "?chekc=failed").status_code == 400
    assert api.get(f"{LIST}/{gone.pk}").json()["ended_at"]


@pytest.mark.parametrize("number", ["99999", "x", "-1", "1" * 30, "٣"])
def test_what_is_not_there_is_said(api: Client, number: str) -> None:
    answer = api.get(f"{LIST}/{number}")
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "problem_unknown"


def test_somebody_is_at_it_with_an_end_and_a_reason(api: Client) -> None:
    problem = make_problem_row()
    address = f"{LIST}/{problem.pk}/acknowledge"
    for body in ({}, {"days": 3}, {"days": 0, "reason": "x"}, {"days": 3, "reason": "x", "more": 1}, {"days": "3x"}):
        assert post(api, address, body).status_code in (400, 422), body
    answer = post(api, address, {"days": 3, "reason": "the disk is ordered"})
    assert answer.status_code == 200 and answer.json()["acknowledged_why"] == "the disk is ordered"
    assert answer.json()["acknowledged_by"] and answer.json()["acknowledged_until"]
    assert post(api, f"{LIST}/{problem.pk}/revoke", {}).json()["acknowledged_until"] is None
    Problem.objects.filter(pk=problem.pk).update(open_key=None, ended_at=timezone.now())
    ended = post(api, address, {"days": 3, "reason": "x"})
    assert ended.status_code == 409 and ended.json()["error"]["code"] == "problem_ended"
