"""Savings in words: a saving is money less, a finding leads somewhere only where something can be done."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.translation import override

from domain.fleet import RemovableKind
from domain.states import OperationKind
from finops.advice.findings import CostedWaste
from finops.advice.recommendations import get_recommendation
from finops.advice.waste import Finding, Waste
from finops.calendar import compute_day, compute_second
from finops.pages.savings_view import (
    is_measured,
    make_advice_rows,
    make_finding_rows,
    make_followed_rows,
    make_recommendation_rows,
    say_nothing_found,
)
from finops.usage.idleness import IdleSince
from finops.usage_models import FollowedAdvice
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded, write_use
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_saving_is_money_less_and_a_need_money_more() -> None:
    make_sheet()
    now = timezone.now()
    make_recorded(since=now - timedelta(days=30))
    assert not is_measured([get_recommendation("saint-paul", now=now)])
    write_use(["saint-paul"], last=compute_day(compute_second(now)))
    advice = get_recommendation("saint-paul", now=now)
    (row,) = make_recommendation_rows([advice])
    assert row["amount"].startswith("−") and row["tone"] == "less"
    assert is_measured([advice])
    rows = {one["name"]: one for one in make_advice_rows(advice)}
    assert sum(one["is_change"] for one in rows.values()) >= 2
    assert say_nothing_found(True) != say_nothing_found(False)


def test_every_finding_leads_to_its_answer() -> None:
    instance = make_instance_row()
    idle = {"name": "saint-paul", "engine": "fake", "instance": "saint-paul", "answer": OperationKind.SUSPEND}
    wastes = [
        Waste(finding=Finding.VOLUME_RELEASED, name="pv-1", engine="alsace", place="old"),
        Waste(
            finding=Finding.NAMESPACE_WITHOUT_PARISH,
            name="old",
            engine="local",
            place="old",
            removable=RemovableKind.INSTANCE,
        ),
        Waste(
            finding=Finding.VOLUME_RELEASED, name="pv.2", engine="alsace", place="pv.2", removable=RemovableKind.VOLUME,
            instance="saint-paul",
        ),
        Waste(finding=Finding.IDLE, since=NEW_YEAR, **idle),
        Waste(finding=Finding.FAILED_RUNS, count=3, **{**idle, "name": "cron", "answer": OperationKind.RESUME}),
    ]  # fmt: skip
    costed = [CostedWaste(waste=one, cost=Decimal("1.5"), currency="EUR") for one in wastes]
    with override("en"):
        rows = make_finding_rows(costed, may_ask=True)
        looked_at = make_finding_rows(costed)
    assert [row["answer_link"] for row in rows] == [
        "/admin/clusters/cluster/?q=alsace",
        "/admin/removal/local/instance/old/",
        "/admin/removal/alsace/volume/pv.2/",
        f"/admin/tenants/instance/{instance.pk}/ask/suspend/",
        f"/admin/tenants/instance/{instance.pk}/ask/resume/",
    ]
    assert [row["command"] for row in rows] == [
        "drift_report --cluster alsace",
        "stray_remove old --engine local",
        "stray_remove pv.2 --engine alsace --volume",
        "instance_suspend saint-paul",
        "instance_resume saint-paul",
    ]
    assert "(3)" in rows[4]["text"]
    assert rows[2]["name"] == "saint-paul – pv.2"
    assert all("answer_link" not in row for row in looked_at[1:]), "who may not ask gets no way to"


@pytest.mark.parametrize(
    ("quiet", "text"),
    [
        (IdleSince(logins=NEW_YEAR), "no login since 01/01/2026, visits are not known"),
        (IdleSince(visits=NEW_YEAR), "logins are not known, no visit since 01/01/2026"),
        (IdleSince(visits=NEW_YEAR, logins=NEW_YEAR), "no login since 01/01/2026, no visit since 01/01/2026"),
    ],
)
def test_an_idle_instance_says_what_is_known(quiet: IdleSince, text: str) -> None:
    waste = Waste(finding=Finding.IDLE, name="saint-paul", engine="fake", since=quiet.since, quiet=quiet)
    with override("en"):
        (row,) = make_finding_rows([CostedWaste(waste=waste, cost=None, currency="EUR")])
    assert row["text"].startswith("nobody uses it, ") and row["text"].endswith(f"({text})")


def test_the_way_back_is_there_while_it_leads_back() -> None:
    instance = make_instance_row()
    values = {"instance": "saint-paul", "asked_at": timezone.now(), "asked_by": "jeanne", "saving": Decimal("3.5")}
    FollowedAdvice.objects.create(operation="op-1", plan_before="large", plan_after=instance.plan.name, **values)
    FollowedAdvice.objects.create(operation="op-2", plan_before="large", plan_after="gone", **values)
    undo = {row["after"]: row["undo"] for row in make_followed_rows(may_ask=True)}
    assert undo["test"].endswith("/ask/resize/?plan=large") and undo["gone"] == ""
    assert all(row["undo"] == "" for row in make_followed_rows(may_ask=False))
