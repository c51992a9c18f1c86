"""Change images or versions of a release; instances take them up when they are next applied."""

from typing import Any

from django.utils.translation import gettext_lazy

from console.plans.options import ReleaseCommand
from tenants.catalogue import update_release
from tenants.models import Release
from tenants.registry import get_release


class Command(ReleaseCommand):
    """`release_update 0.2 --set images.httpd=registry.example/httpd:0.2.1`: an empty value takes one out."""

    help: Any = gettext_lazy(
        "Change images or versions of a release; instances take them up when they are next applied."
    )

    def write(self, name: str, values: dict[str, Any], like: Release | None, *, requested_by: str) -> Release:  # noqa: ARG002
        """Change it."""
        return update_release(get_release(name), values, requested_by=requested_by)
