"""Rows that every installation has."""

from importlib import import_module

import pytest
from django.apps import apps


@pytest.fixture
def defaults(db: None) -> None:  # noqa: ARG001 - needs the database
    """The default plan and release: from the migration, unless an earlier test of the process emptied the tables."""
    import_module("tenants.migrations.0002_defaults").ensure_defaults(apps, None)
