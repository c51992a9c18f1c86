"""System check: instances that nobody places have a place."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError

from engine.registry import list_engines


@register(Tags.database)
def check_default_engine(*, databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report a default engine that this installation does not have (yet): a cluster is recorded after `migrate`."""
    if "default" not in (databases or ()):
        return []
    try:
        names = list_engines()
    except DatabaseError:
        return []  # before its first migration
    if settings.DEFAULT_ENGINE in names:
        return []
    text = f"CIVIPAROISSE_DEFAULT_ENGINE is {settings.DEFAULT_ENGINE}, and there is no such engine."
    hint = f"Record the cluster with cluster_create, or name one of: {', '.join(names)}."
    return [Warning(text, hint=hint, id="clusters.W001")]
