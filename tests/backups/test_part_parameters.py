"""A restore of a part: what goes together, what is told, what the program gets."""

import pytest

from backups.parameters import describe_restore
from backups.part_parameters import make_part_environment
from domain.errors import InvalidValue
from domain.states import InstanceState
from operations.registry import get_kind
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

check = get_kind("restore").check
pytestmark = pytest.mark.django_db


@pytest.fixture
def paul() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


def ask(paul: Instance, **part: object) -> dict[str, object]:
    backup = make_backup_row(paul)
    return check(paul, {"backup_id": backup.backup_id, "confirm": paul.identifier, **part})


def test_a_table_is_of_the_scope_of_databases(paul: Instance) -> None:
    asked = ask(paul, table="civicrm_contact", database="civicrm")
    assert (asked["scope"], asked["database"], asked["table"]) == ("database", "civicrm", "civicrm_contact")
    assert make_part_environment(asked) == {"RESTORE_TABLE": "civicrm_contact"}
    assert any("civicrm_contact" in text for text in describe_restore(paul, asked))


def test_a_path_is_of_the_scope_of_files(paul: Instance) -> None:
    asked = ask(paul, tree="sites", path="default/files/photo.jpg")
    assert (asked["scope"], asked["database"]) == ("files", "")
    assert make_part_environment(asked) == {"RESTORE_TREE": "sites", "RESTORE_PATH": "default/files/photo.jpg"}
    assert any("default/files/photo.jpg" in text for text in describe_restore(paul, asked))


def test_what_is_told_depends_on_what_is_accepted(paul: Instance) -> None:
    careful = ask(paul, table="t", database="civicrm")
    bold = ask(paul, table="t", database="civicrm", accept_broken=True)
    beside = ask(paul, table="t", database="civicrm", table_as="t_before")
    assert len({tuple(describe_restore(paul, asked)[:2]) for asked in (careful, bold, beside)}) == 3
    assert make_part_environment(bold)["ACCEPT_BROKEN"] == "1"
    assert make_part_environment(beside)["RESTORE_AS"] == "t_before"


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"table": "t"}, "database"),
        ({"table": "a/b", "database": "civicrm"}, "table"),
        ({"table": "t" * 65, "database": "civicrm"}, "table"),
        ({"table": "t", "database": "civicrm", "table_as": "a`b"}, "table_as"),
        ({"table": "t", "database": "civicrm", "table_as": "é"}, "table_as"),
        ({"table_as": "t"}, "table"),
        ({"accept_broken": True}, "table"),
        ({"path": "default"}, "tree"),
        ({"tree": "sites"}, "path"),
        ({"tree": "sites", "path": "../x"}, "path"),
        ({"tree": "sites", "path": "a/../../x"}, "path"),
        ({"tree": "other", "path": "x"}, "tree"),
        ({"tree": "sites", "path": "x", "table": "t", "database": "civicrm"}, "path"),
        ({"tree": "sites", "path": "x", "scope": "database"}, "scope"),
        ({"table": "t", "database": "civicrm", "scope": "full"}, "scope"),
    ],
)
def test_what_does_not_go_together_is_refused(paul: Instance, part: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        ask(paul, **part)
    assert refused.value.params["field"] == field


def test_without_a_part_nothing_of_it_is_kept(paul: Instance) -> None:
    assert not {"table", "path", "tree", "table_as", "accept_broken"} & set(ask(paul))
