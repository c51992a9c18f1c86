"""Record a release: images that were tested together."""

from typing import Any

from django.utils.translation import gettext_lazy

from console.plans.options import ReleaseCommand
from tenants.catalogue import create_release
from tenants.models import Release


class Command(ReleaseCommand):
    """`release_create 0.2 --like 0.1.1 --set images.httpd=registry.example/httpd:0.2 --set versions.civicrm=6.1`."""

    help: Any = gettext_lazy("Record a release: another one's images and versions, with those given in their place.")
    creates = True

    def write(self, name: str, values: dict[str, Any], like: Release | None, *, requested_by: str) -> Release:
        """Record it."""
        return create_release({**values, "name": name}, like=like, requested_by=requested_by)
