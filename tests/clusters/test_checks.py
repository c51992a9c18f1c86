"""A default engine that is not there is told before somebody misses it."""

import pytest
from django.db import connection
from django.test import override_settings

from clusters.checks import check_default_engine
from clusters.models import Cluster
from tests.clusters.samples import make_cluster_row

pytestmark = pytest.mark.django_db


def test_this_installation_has_its_default_engine() -> None:
    assert check_default_engine(databases=["default"]) == []


@override_settings(DEFAULT_ENGINE="strasbourg")
def test_a_default_engine_that_is_missing_is_told() -> None:
    (told,) = check_default_engine(databases=["default"])
    assert told.id == "clusters.W001" and "cluster_create" in str(told.hint)
    assert check_default_engine() == [], "only where the database is asked for"
    make_cluster_row()
    assert check_default_engine(databases=["default"]) == []


@pytest.mark.django_db(transaction=True)
@override_settings(DEFAULT_ENGINE="strasbourg")
def test_before_its_first_migration_nothing_is_said() -> None:
    with connection.schema_editor() as editor:
        editor.alter_db_table(Cluster, "clusters_cluster", "clusters_elsewhere")
    try:
        assert check_default_engine(databases=["default"]) == []
    finally:
        with connection.schema_editor() as editor:
            editor.alter_db_table(Cluster, "clusters_elsewhere", "clusters_cluster")
