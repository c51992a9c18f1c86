"""backups.data_parts: what is lost is told in the reader's language, from the blueprint and nothing else."""

import pytest
from django.utils.translation import override

from backups.choices import BackupScope
from backups.data_parts import describe_missing, describe_untouched, get_data, list_database_names
from manifests.blueprints import load_blueprint
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_the_parts_that_are_not_in_a_set_are_told_with_what_is_lost() -> None:
    instance = make_instance_row()
    data = get_data(instance)
    assert data == load_blueprint("civiparoisse-1").data
    assert describe_missing(instance, BackupScope.FULL) == []
    with override("en"):
        told = describe_missing(instance, BackupScope.DATABASE)
        assert told == [f"Without {name}: {tree.loss['en']}" for name, tree in data.trees.items()]
    with override("fr"):
        told = describe_missing(instance, BackupScope.FILES)
        assert len(told) == len(data.databases)
        for text, (name, database) in zip(told, data.databases.items(), strict=True):
            assert name in text and text.endswith(database.loss["fr"]) and not text.startswith("Without")


def test_what_a_restore_leaves_as_it_is_is_told_part_by_part() -> None:
    instance = make_instance_row()
    data = get_data(instance)
    assert describe_untouched(instance, BackupScope.FULL) == []
    assert len(describe_untouched(instance, BackupScope.DATABASE)) == len(data.trees)
    name = next(iter(data.databases))
    told = describe_untouched(instance, BackupScope.DATABASE, database=name)
    assert len(told) == len(data.databases) + len(data.trees) - 1 and not any(f" {name}:" in text for text in told)


def test_every_database_that_a_blueprint_declares_can_be_chosen() -> None:
    assert set(load_blueprint("civiparoisse-1").data.databases) <= set(list_database_names())
