"""A campaign is written down whole or not at all, and never takes an instance of another one."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from campaigns import creating
from campaigns.admitting import Refusal
from campaigns.creating import create_campaign
from campaigns.drafts import read_draft
from campaigns.models import Campaign, CampaignMember, ReleaseStanding
from domain.errors import CiviparoisseError
from domain.states import InstanceState
from operations.models import Operation
from operations.permissions import PermissionMissing
from tests.backups.rows import make_backup_row
from tests.campaigns.cast import NOON, list_events, make_campaign, make_fleet
from tests.rows import make_release_row

pytestmark = pytest.mark.django_db


def test_it_is_kept_as_it_was_written_with_all_that_were_selected() -> None:
    make_fleet(3)
    make_fleet(1, prefix="new", state=InstanceState.NEW)
    written: dict[str, Any] = {
        "name": "November",
        "selection": {"kinds": ["production"]},
        "parameters": {"scope": "full"},
        "waves": [{"size": 1}, {"size": None}],
        "windows": [{"from": "22:00", "to": "05:00"}],
        "blackout": {"weekdays": ["sun"]},
        "notes": "first the small ones",
    }
    campaign = make_campaign(now=NOON, **written)
    assert {name: getattr(campaign, name) for name in written} == written
    assert (campaign.state, campaign.created_by, campaign.created_at) == ("planned", "anne", NOON)
    rows = list(campaign.members.order_by("position").values_list("subject", "wave", "state", "lock", "why_left_out"))
    assert rows == [
        ("p-000", 0, "waiting", "p-000", ""),
        ("p-001", 1, "waiting", "p-001", ""),
        ("p-002", 1, "waiting", "p-002", ""),
        ("new-000", 0, "left_out", None, "state"),
    ]
    assert list_events(campaign) == ["created"] and not Operation.objects.exists()


def test_nobody_to_take_part_is_no_campaign() -> None:
    make_fleet(2, state=InstanceState.NEW)
    with pytest.raises(CiviparoisseError) as refused:
        make_campaign()
    assert (refused.value.code, refused.value.params) == ("campaign_empty", {"count": 2})
    assert not Campaign.objects.exists()


def test_a_second_campaign_leaves_out_who_is_in_the_first() -> None:
    make_fleet(3)
    first = make_campaign(selection={"slugs": ["p-000", "p-001"]})
    second = make_campaign(kind="suspend")
    left = second.members.filter(why_left_out="other_campaign").order_by("position")
    assert [row.subject for row in left] == ["p-000", "p-001"] and second.members.get(
        state="waiting"
    ).subject == "p-002"
    assert all(row.error_params["campaign"] == first.public_id for row in left)


def test_two_at_the_same_instant_do_not_both_get_an_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    make_fleet(2)
    first = make_campaign(selection={"slugs": ["p-001"]})
    # As it looked before the first was written.
    seen: dict[int, Refusal] = {}
    monkeypatch.setattr("campaigns.planning.find_refusals", lambda *_given, **_named: seen)
    with pytest.raises(CiviparoisseError) as refused:
        make_campaign()
    assert (refused.value.code, refused.value.params) == (
        "campaign_instance_taken",
        {"instance": "p-001", "campaign": first.public_id},
    )
    assert Campaign.objects.get() == first and CampaignMember.objects.count() == 1


def test_an_obstacle_is_told_before_anything_is_written() -> None:
    (instance,) = make_fleet(1)
    make_backup_row(instance)
    new = make_release_row("new", civicrm="5.99.0")
    ReleaseStanding.objects.create(release=new, notes="Read me.")
    values: dict[str, Any] = {"kind": "upgrade", "parameters": {"release": "new"}}
    with pytest.raises(CiviparoisseError) as refused:
        make_campaign(**values)
    assert refused.value.code == "campaign_notes_unread" and not Campaign.objects.exists()
    assert make_campaign(**values, notes_read=True).state == "planned"


def test_an_account_needs_the_campaigns_and_the_kinds_permission() -> None:
    make_fleet(1)
    draft = read_draft({"name": "x", "kind": "backup"})

    def create(*names: str) -> Campaign:
        person = User.objects.create_user(f"anne-{len(names)}")
        person.user_permissions.set(Permission.objects.filter(codename__in=names))
        return create_campaign(draft, by="anne", now=NOON, person=User.objects.get(pk=person.pk))

    for names in ((), ("add_campaign",), ("add_operation", "view_instance")):
        with pytest.raises(PermissionMissing):
            create(*names)
        User.objects.all().delete()
    assert create("add_campaign", "add_operation", "view_instance").state == "planned"
    assert creating.ADD == "campaigns.add_campaign"
