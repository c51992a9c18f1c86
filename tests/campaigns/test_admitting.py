"""Who takes no part, and why: state, kind, release, holds, backups, other campaigns."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backups.ages import Protection
from backups.policies import find_thresholds
from campaigns import admitting
from campaigns.admitting import find_obstacles, find_refusals
from campaigns.drafts import read_draft
from campaigns.models import InstanceHold, ReleaseStanding
from domain.campaigns import LeftOut
from domain.states import InstanceState
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance, Release
from tests.backups.rows import make_backup_row
from tests.campaigns.cast import make_campaign, make_fleet, make_sandbox
from tests.rows import make_plan_row, make_release_row

pytestmark = pytest.mark.django_db
UPGRADE = {"kind": "upgrade", "parameters": {"release": "new"}}


def refuse(*instances: Instance, now: Any = None, **values: Any) -> dict[str, LeftOut]:
    """Return why each of `instances` takes no part."""
    rows = list(Instance.objects.filter(pk__in=[row.pk for row in instances]).select_related("release", "plan"))
    found = find_refusals(read_draft({"name": "x", "kind": "backup", **values}), rows, now=now or timezone.now())
    names = {row.pk: row.identifier for row in rows}
    return {names[pk]: refusal.why for pk, refusal in found.items()}


@pytest.fixture
def new() -> Release:
    """A release that is newer than what all have."""
    return make_release_row("new", civicrm="5.99.0")


def test_states_and_kinds() -> None:
    active, suspended = *make_fleet(1), *make_fleet(1, prefix="s", state=InstanceState.SUSPENDED)
    sandbox = make_sandbox("p-000")
    make_backup_row(active), make_backup_row(suspended)
    assert refuse(active, suspended, kind="suspend") == {"s-000": LeftOut.STATE}
    assert refuse(active, suspended, kind="resume") == {}
    assert refuse(active, sandbox, kind="prove") == {"p-000-sandbox": LeftOut.KIND}


@pytest.mark.usefixtures("engine")
def test_a_busy_one_takes_part_whatever_its_state_is_meanwhile() -> None:
    (instance,) = make_fleet(1)
    request_operation(kind="suspend", instance=instance, requested_by="test")
    assert refuse(instance, kind="suspend") == {}
    Operation.objects.update(lock=None)
    assert refuse(instance, kind="suspend") == {"p-000": LeftOut.STATE}


def test_what_is_so_already_and_what_would_go_back(new: Release) -> None:
    rows = make_fleet(3)
    for row in rows:
        make_backup_row(row)
    Instance.objects.filter(pk=rows[0].pk).update(release=new)
    Instance.objects.filter(pk=rows[1].pk).update(release=make_release_row("newest", civicrm="6.0.0"))
    assert refuse(*rows, **UPGRADE) == {"p-000": LeftOut.NOTHING_TO_DO, "p-001": LeftOut.DOWNGRADE}
    Instance.objects.filter(pk=rows[2].pk).update(plan=make_plan_row("large"))
    assert refuse(*rows, kind="resize", parameters={"plan": "large"}) == {"p-002": LeftOut.NOTHING_TO_DO}


def test_the_error_of_those_that_are_alike_names_each(new: Release) -> None:
    rows = make_fleet(2)
    Instance.objects.update(release=make_release_row("newest", civicrm="6.0.0"))
    draft = read_draft({"name": "x", **UPGRADE})
    found = find_refusals(draft, list(Instance.objects.select_related("release")), now=timezone.now())
    assert [found[row.pk].params["instance"] for row in rows] == ["p-000", "p-001"]
    assert new.name == found[rows[0].pk].params.get("release", "new")


def test_an_upgrade_wants_a_set_as_young_as_the_policy_warns_of(new: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    young, old, none, away, late = make_fleet(5)
    sandbox = make_sandbox("p-000")
    hours, _critical = find_thresholds([young])[young.pk]
    make_backup_row(young, hours_ago=hours - 1)
    make_backup_row(old, hours_ago=hours + 1)
    make_backup_row(away, hours_ago=1)
    make_backup_row(late, hours_ago=1)
    now = timezone.now()
    protections = {
        away.pk: Protection(protected_at=now, is_late=False),
        late.pk: Protection(protected_at=None, is_late=True),
    }
    monkeypatch.setattr(admitting, "find_protection", lambda _keys, *, now: protections)  # noqa: ARG005
    lacking = {row.identifier: LeftOut.NO_RECENT_BACKUP for row in (old, none, late)}
    assert refuse(young, old, none, away, late, sandbox, **UPGRADE) == lacking
    assert refuse(young, none, kind="verify") == {none.identifier: LeftOut.NO_RECENT_BACKUP}
    assert new.pk


@pytest.mark.usefixtures("new")
def test_one_that_is_held_stays_until_the_day_after() -> None:
    held, free = make_fleet(2)
    for row in (held, free):
        make_backup_row(row)
    day = timezone.localdate()
    hold = InstanceHold.objects.create(instance=held, reason="an assembly", until=day)
    assert refuse(held, free, **UPGRADE) == {"p-000": LeftOut.HELD}
    assert refuse(held, free) == {}, "only upgrades are held back"
    InstanceHold.objects.filter(pk=hold.pk).update(until=day - timedelta(days=1))
    assert refuse(held, free, **UPGRADE) == {}
    InstanceHold.objects.filter(pk=hold.pk).update(until=None)
    assert refuse(held, free, **UPGRADE) == {"p-000": LeftOut.HELD}


def test_a_release_in_test_is_for_sandboxes(new: Release) -> None:
    (instance,) = make_fleet(1)
    make_backup_row(instance)
    sandbox = make_sandbox("p-000")
    ReleaseStanding.objects.create(release=new, state="test")
    assert refuse(instance, sandbox, **UPGRADE) == {"p-000": LeftOut.RELEASE_IN_TEST}


def test_who_is_in_another_campaign_is_told_which() -> None:
    (instance,) = make_fleet(1)
    campaign = make_campaign()
    found = find_refusals(read_draft({"name": "x", "kind": "suspend"}), [instance], now=timezone.now())[instance.pk]
    assert (found.why, found.code) == (LeftOut.OTHER_CAMPAIGN, "campaign_instance_taken")
    assert found.params == {"instance": "p-000", "campaign": campaign.public_id}


def test_obstacles_of_a_release(new: Release) -> None:
    def list_codes(**values: Any) -> list[str]:
        return [error.code for error in find_obstacles(read_draft({"name": "x", **UPGRADE, **values}))]

    assert list_codes() == [] and find_obstacles(read_draft({"name": "x", "kind": "backup"})) == []
    standing = ReleaseStanding.objects.create(release=new, state="required", required_by=date(2026, 12, 31), notes=" ")
    assert list_codes() == []
    ReleaseStanding.objects.filter(pk=standing.pk).update(notes="Drupal asks for a new module.")
    assert list_codes() == ["campaign_notes_unread"] and list_codes(notes_read=True) == []
    ReleaseStanding.objects.filter(pk=standing.pk).update(state="withdrawn")
    assert list_codes(notes_read=True) == ["campaign_release_withdrawn"]
