"""Which policy an instance has, and what its door refuses."""

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError

from backups.documents import PolicySerializer
from backups.models import BackupPolicy, PolicyDefault
from backups.policies import (
    choose_policy,
    create_policy,
    find_policy,
    get_policy,
    get_thresholds,
    update_policy,
)
from domain.errors import CiviparoisseError, InvalidValue, NotFound
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def make_policy(name: str = "own", **values: object) -> BackupPolicy:
    return create_policy({"name": name, "label": "x", "keep_last": 3, **values}, requested_by="test")


def test_an_instance_has_its_own_policy_or_that_of_its_kind() -> None:
    paul = make_instance_row()
    assert find_policy(paul).name == "critical"
    choose_policy(paul, make_policy(), requested_by="test")
    assert find_policy(paul).name == "own"
    assert PolicySerializer(get_policy("own")).data["instances"] == ["saint-paul"]
    choose_policy(paul, None, requested_by="test")
    PolicyDefault.objects.filter(kind="production").update(policy=get_policy("medium"))
    assert find_policy(paul).name == "medium"
    assert PolicySerializer(get_policy("medium")).data["default_for"] == ["production", "sandbox"]


def test_without_any_row_a_parish_is_kept_as_a_critical_one() -> None:
    paul = make_instance_row()
    BackupPolicy.objects.get(name="critical").defaults.all().delete()
    assert find_policy(paul).make_rule().keep_daily == 30


def test_ages_are_the_policy_s_or_the_installation_s(settings: LazySettings) -> None:
    settings.BACKUP_WARNING_HOURS, settings.BACKUP_CRITICAL_HOURS = 7, 9
    assert get_thresholds(get_policy("critical")) == (7, 9)
    assert get_thresholds(get_policy("medium")) == (192, 360)


def test_what_is_wrong_is_told_by_its_field() -> None:
    for values, field in (({"keep_last": "x"}, "keep_last"), ({"hours": [2]}, "hours"), ({"colour": 1}, "colour")):
        with pytest.raises(InvalidValue) as refused:
            make_policy(**values)
        assert refused.value.params["field"] == field
    make_policy()
    with pytest.raises(CiviparoisseError):
        make_policy()
    with pytest.raises(InvalidValue):
        update_policy(get_policy("own"), {"name": "other"}, requested_by="test")
    assert update_policy(get_policy("own"), {"keep_last": 5}, requested_by="test").keep_last == 5
    with pytest.raises(NotFound):
        get_policy("none")


def test_production_is_backed_up_whole() -> None:
    part = make_policy("part", scope="files")
    with pytest.raises(InvalidValue):
        choose_policy(make_instance_row(), part, requested_by="test")
    production, sandbox = (PolicyDefault.objects.get(kind=kind) for kind in ("production", "sandbox"))
    production.policy = sandbox.policy = part
    with pytest.raises(ValidationError):
        production.save()
    sandbox.save()
    with pytest.raises(ValidationError):
        PolicyDefault(kind="verification").save()
