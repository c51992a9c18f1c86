"""What a pruning takes, what always stays, and what people read before they confirm."""

import pytest

from backups.models import Backup, BackupReason, BackupState
from backups.policies import choose_policy, create_policy
from backups.prune_parameters import describe_prune, is_prunable
from domain.errors import CiviparoisseError, InvalidValue
from domain.states import InstanceState, OperationKind
from operations.registry import get_kind
from operations.requests import request_operation
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

check_prune = get_kind("prune").check
check_restore = get_kind("restore").check
pytestmark = pytest.mark.django_db


@pytest.fixture
def paul() -> Instance:
    """Saint-Paul in production."""
    return make_instance_row(state=InstanceState.ACTIVE)


def make_sets(instance: Instance, *days: int, **values: object) -> list[Backup]:
    return [make_backup_row(instance, hours_ago=24 * one, stored_bytes=2 * 1024 * 1024, **values) for one in days]


def test_the_policy_says_what_goes_unless_an_age_is_given(paul: Instance) -> None:
    oldest, old, young, newest = make_sets(paul, 500, 300, 250, 1)
    confirm = {"confirm": "saint-paul"}
    assert check_prune(paul, {"older_than_days": 400, **confirm}) == {"backup_ids": [oldest.backup_id], **confirm}
    assert check_prune(paul, {"older_than_days": 200, **confirm})["backup_ids"] == [
        oldest.backup_id,
        old.backup_id,
        young.backup_id,
    ]
    # Without an age nothing goes that a policy of thirty days keeps: no other day has a set.
    with pytest.raises(CiviparoisseError) as refused:
        check_prune(paul, confirm)
    assert refused.value.code == "nothing_to_prune"
    keep_one = create_policy({"name": "one", "label": "x", "keep_last": 1}, requested_by="test")
    choose_policy(paul, keep_one, requested_by="test")
    assert newest.backup_id not in check_prune(paul, confirm)["backup_ids"]
    assert len(check_prune(paul, confirm)["backup_ids"]) == 3


def test_what_is_pinned_or_proven_is_not_removed_by_name_either(paul: Instance) -> None:
    pinned, proven, _newest = make_sets(paul, 500, 300, 1)
    Backup.objects.filter(pk=pinned.pk).update(pinned_at=pinned.started_at)
    Backup.objects.filter(pk=proven.pk).update(proven_at=proven.started_at)
    for one in (pinned, proven):
        with pytest.raises(CiviparoisseError) as refused:
            check_prune(paul, {"backup_ids": [one.backup_id], "confirm": "saint-paul"})
        assert refused.value.code == "prune_keeps_set"
        assert not is_prunable(one)


def test_sets_are_named_and_are_this_instance_s(paul: Instance) -> None:
    oldest, old, young = make_sets(paul, 500, 300, 1)
    (other,) = make_sets(make_instance_row("saint-jean", state=InstanceState.ACTIVE), 500)
    asked = {"backup_ids": [old.backup_id, oldest.backup_id, old.backup_id], "confirm": "saint-paul"}
    assert check_prune(paul, asked)["backup_ids"] == [oldest.backup_id, old.backup_id]
    for names in ([other.backup_id], ["../x"], [], "all", [1], [old.backup_id] * 1001):
        with pytest.raises(InvalidValue):
            check_prune(paul, {"backup_ids": names, "confirm": "saint-paul"})
    with pytest.raises(CiviparoisseError) as refused:
        check_prune(paul, {"backup_ids": [young.backup_id], "confirm": "saint-paul"})
    assert (refused.value.code, refused.value.params["scope"]) == ("prune_keeps_newest", "full")
    assert [is_prunable(one) for one in (oldest, old, young)] == [True, True, False]


@pytest.mark.parametrize("state", [BackupState.RUNNING, BackupState.DELETED])
def test_what_is_no_set_on_the_volume_is_not_there_to_remove(paul: Instance, state: BackupState) -> None:
    (odd,) = make_sets(paul, 500, state=state)
    make_sets(paul, 1)
    with pytest.raises(InvalidValue):
        check_prune(paul, {"backup_ids": [odd.backup_id], "confirm": "saint-paul"})


@pytest.mark.parametrize("days", [0, -1, 36501, True, "30", 1.5])
def test_a_wrong_age_is_refused(paul: Instance, days: object) -> None:
    with pytest.raises(InvalidValue):
        check_prune(paul, {"older_than_days": days, "confirm": "saint-paul"})


def test_refusals_have_their_codes(paul: Instance) -> None:
    make_sets(paul, 500)
    for asked, code in (
        ({"confirm": "saint-paul"}, "nothing_to_prune"),
        ({"older_than_days": 1, "backup_ids": ["x"], "confirm": "saint-paul"}, "invalid_value"),
        ({"what": 1}, "invalid_value"),
    ):
        with pytest.raises(CiviparoisseError) as refused:
            check_prune(paul, asked)
        assert refused.value.code == code
    make_sets(paul, 1)
    for confirm in ({}, {"confirm": "saint-jean"}):
        with pytest.raises(CiviparoisseError) as refused:
            check_prune(paul, {"older_than_days": 400, **confirm})
        assert refused.value.code == "prune_unconfirmed"


def test_people_read_what_goes_and_what_stays(paul: Instance) -> None:
    make_sets(paul, 500, 450, 1)
    make_sets(paul, 600, scope="files", reason=BackupReason.SAFETY)
    what, files, full, meanwhile = describe_prune(
        paul, check_prune(paul, {"older_than_days": 400, "confirm": "saint-paul"})
    )
    assert "2 sauvegardes de saint-paul" in what and "4,0" in what
    assert "fichiers" in files and "complète" in full and "saint-paul" not in full
    assert meanwhile


def test_a_restore_and_a_removal_of_one_set_exclude_each_other(paul: Instance) -> None:
    old, young = make_sets(paul, 500, 1)
    sandbox = Instance.objects.get(pk=paul.pk)
    sandbox.pk, sandbox._state.adding, sandbox.kind = None, True, "sandbox"
    sandbox.identifier, sandbox.host = "saint-paul-sandbox", "www.sandbox.example.org"
    sandbox.save()

    def ask(kind: str, instance: Instance, **parameters: object) -> str:
        return request_operation(
            kind=kind, instance=instance, requested_by="test", parameters=dict(parameters)
        ).public_id

    copying = {"backup_id": old.backup_id, "source": "saint-paul", "confirm": "saint-paul-sandbox"}
    restore = ask(OperationKind.RESTORE, sandbox, **copying)
    with pytest.raises(CiviparoisseError) as refused:
        ask(OperationKind.PRUNE, paul, older_than_days=400, confirm="saint-paul")
    assert (refused.value.code, refused.value.params["operation"]) == ("backup_in_use", restore)
    sandbox.operations.update(state="cancelled", lock=None)
    ask(OperationKind.PRUNE, paul, older_than_days=400, confirm="saint-paul")
    with pytest.raises(CiviparoisseError) as refused:
        check_restore(sandbox, copying)
    assert refused.value.code == "backup_leaving"
    assert check_restore(sandbox, {**copying, "backup_id": young.backup_id})["backup_id"] == young.backup_id
