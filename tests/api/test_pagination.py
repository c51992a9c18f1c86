"""Pages are bounded, whatever is asked."""

import pytest
from django.test import Client

from api.pagination import BoundedPagination
from tenants.models import Release

RELEASES = "/api/v1/releases/"


@pytest.fixture
def releases(db: None) -> int:  # noqa: ARG001
    Release.objects.bulk_create(Release(name=f"r{n:03}") for n in range(210))
    return Release.objects.count()


@pytest.mark.parametrize("limit", ["201", "9" * 18, "100000"])
def test_no_page_holds_more_than_the_bound(api: Client, releases: int, limit: str) -> None:
    page = api.get(RELEASES, {"limit": limit}).json()
    assert page["count"] == releases
    assert len(page["results"]) == BoundedPagination.max_limit


def test_without_bounds_a_page_has_the_default_size(api: Client, releases: int) -> None:  # noqa: ARG001
    assert len(api.get(RELEASES).json()["results"]) == 50


@pytest.mark.parametrize("name", ["limit", "offset"])
@pytest.mark.parametrize("value", ["-1", "x", "", " 1", "1.5", "9" * 400, "\u0663"])
def test_an_unusable_bound_is_refused(api: Client, name: str, value: str) -> None:
    answer = api.get(RELEASES, {name: value})
    assert (answer.status_code, answer.json()["error"]["fields"][0]["field"]) == (400, name)


def test_an_offset_beyond_the_end_is_an_empty_page(api: Client, releases: int) -> None:  # noqa: ARG001
    assert api.get(RELEASES, {"offset": "9" * 18}).json()["results"] == []
