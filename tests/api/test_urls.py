"""Addresses: each resource has its own, and making them again gives the same."""

from django.urls import reverse

from api import urls


def test_every_resource_is_found_by_name_also_after_they_were_made_again() -> None:
    before = [str(pattern.pattern) for pattern in urls.urlpatterns]
    urls.route()
    assert [str(pattern.pattern) for pattern in urls.urlpatterns] == before
    for prefix, (_view, basename) in urls.RESOURCES.items():
        name = f"{basename}-list"
        assert reverse(name).rstrip("/") == f"/api/v1/{prefix}"
    assert reverse("instance-backups", args=["saint-paul"]).startswith("/api/v1/instances/saint-paul/backups")
