"""What is accepted, what is refused and under which code, and what people read before they confirm."""

import pytest

from backups.models import BackupState
from backups.parameters import describe_backup, describe_restore
from domain.errors import CiviparoisseError, InvalidValue, NotFound
from domain.specs import InstanceKind
from domain.states import InstanceState
from operations.registry import get_kind
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

check_backup = get_kind("backup").check
check_restore = get_kind("restore").check
pytestmark = pytest.mark.django_db


@pytest.fixture
def paul() -> Instance:
    """Saint-Paul in production."""
    return make_instance_row(state=InstanceState.ACTIVE)


@pytest.fixture
def sandbox(paul: Instance) -> Instance:
    """Saint-Paul's sandbox."""
    copy = Instance.objects.get(pk=paul.pk)
    copy.pk, copy._state.adding, copy.kind = None, True, InstanceKind.SANDBOX.value
    copy.identifier, copy.host = "saint-paul-sandbox", "www.sandbox.example.org"
    copy.save()
    return copy


def test_a_backup_has_defaults(paul: Instance) -> None:
    assert check_backup(paul, {}) == {
        "scope": "full",
        "mode": "hot",
        "codec": "gzip",
        "reason": "requested",
    }
    given = {"scope": "files", "mode": "cold", "codec": "zstd", "reason": "final"}
    assert check_backup(paul, given) == given


@pytest.mark.parametrize("wrong", [{"scope": "all"}, {"mode": 1}, {"codec": "xz"}, {"reason": "x"}, {"other": "x"}])
def test_a_wrong_backup_is_refused(paul: Instance, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_backup(paul, wrong)
    assert refused.value.params["field"] in wrong


def test_a_cold_backup_says_that_it_stops_the_site(paul: Instance) -> None:
    hot, cold = (describe_backup(paul, check_backup(paul, {"mode": mode})) for mode in ("hot", "cold"))
    assert hot[0] == cold[0] and "saint-paul" in hot[0]
    assert hot[1] != cold[1]


def test_a_restore_has_defaults(paul: Instance) -> None:
    backup = make_backup_row(paul, scope="database")
    asked = {"backup_id": backup.backup_id, "confirm": "saint-paul"}
    assert check_restore(paul, asked) == {
        **asked,
        "source": "saint-paul",
        "scope": "database",
        "database": "",
        "safety_backup": True,
    }


def test_one_database_makes_the_scope(paul: Instance) -> None:
    asked = {"backup_id": make_backup_row(paul).backup_id, "confirm": "saint-paul", "database": "civilog"}
    assert check_restore(paul, asked)["scope"] == "database"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("database", {"database": "mysql"}),
        ("scope", {"database": "civicrm", "scope": "full"}),
        ("scope", {"scope": "everything"}),
        ("safety_backup", {"safety_backup": "no"}),
        ("confirm", {"confirm": 3}),
        ("target", {"target": "saint-paul"}),
        ("source", {"source": "saint-paul-sandbox"}),
    ],
)
def test_a_wrong_restore_is_refused(paul: Instance, field: str, wrong: dict[str, object]) -> None:
    asked = {"backup_id": make_backup_row(paul).backup_id, "confirm": "saint-paul", **wrong}
    with pytest.raises(InvalidValue) as refused:
        check_restore(paul, asked)
    assert refused.value.params["field"] == field


@pytest.mark.parametrize("held", ["files", "database"])
def test_a_set_cannot_give_what_it_does_not_hold(paul: Instance, held: str) -> None:
    asked = {"backup_id": make_backup_row(paul, scope=held).backup_id, "confirm": "saint-paul", "scope": "full"}
    with pytest.raises(InvalidValue) as refused:
        check_restore(paul, asked)
    assert refused.value.params["field"] == "scope"


@pytest.mark.parametrize("confirm", ["", "saint-paul-sandbox", "Saint-Paul"])
def test_nobody_overwrites_without_naming_it(paul: Instance, confirm: str) -> None:
    with pytest.raises(CiviparoisseError) as refused:
        check_restore(paul, {"backup_id": make_backup_row(paul).backup_id, "confirm": confirm})
    assert refused.value.code == "restore_unconfirmed"


@pytest.mark.parametrize("state", [BackupState.RUNNING, BackupState.FAILED, BackupState.DELETED])
def test_only_a_good_backup_is_restored(paul: Instance, state: BackupState) -> None:
    backup = make_backup_row(paul, state=state)
    with pytest.raises(CiviparoisseError) as refused:
        check_restore(paul, {"backup_id": backup.backup_id, "confirm": "saint-paul"})
    assert refused.value.code == "backup_not_good"


def test_an_unknown_backup_and_another_parish_s_are_refused(paul: Instance) -> None:
    with pytest.raises(NotFound):
        check_restore(paul, {"backup_id": "20261121T080000Z-000000", "confirm": "saint-paul"})
    other = make_backup_row(make_instance_row("sainte-marie"))
    with pytest.raises(InvalidValue) as refused:
        check_restore(paul, {"backup_id": other.backup_id, "confirm": "saint-paul", "source": "sainte-marie"})
    assert refused.value.params["field"] == "backup_id"


def test_a_copy_must_name_its_source_and_never_goes_over_a_production(paul: Instance, sandbox: Instance) -> None:
    asked = {"backup_id": make_backup_row(paul).backup_id, "confirm": "saint-paul-sandbox"}
    with pytest.raises(InvalidValue):
        check_restore(sandbox, asked)
    assert check_restore(sandbox, {**asked, "source": "saint-paul"})["source"] == "saint-paul"
    back = {"backup_id": make_backup_row(sandbox).backup_id, "confirm": "saint-paul", "source": "saint-paul-sandbox"}
    with pytest.raises(InvalidValue) as refused:
        check_restore(paul, back)
    assert refused.value.params["field"] == "source"


def test_the_sentences_name_what_is_lost(paul: Instance, sandbox: Instance) -> None:
    backup = make_backup_row(paul)
    asked = {"backup_id": backup.backup_id, "confirm": "saint-paul-sandbox", "source": "saint-paul"}
    copy = describe_restore(sandbox, check_restore(sandbox, asked))
    asked = {"backup_id": backup.backup_id, "confirm": "saint-paul"}
    in_place = describe_restore(paul, check_restore(paul, asked))
    bold = describe_restore(paul, check_restore(paul, {**asked, "safety_backup": False}))
    assert len(copy) == len(in_place) + 1
    assert [a == b for a, b in zip(in_place, bold, strict=True)] == [True, True, False, True, True]
    assert not any("%(" in sentence for sentence in [*copy, *in_place, *bold])
