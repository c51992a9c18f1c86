"""Advice as documents: JSON values, money as text, null where it is not known."""

import json
from datetime import UTC, datetime
from decimal import Decimal

from domain.fleet import RemovableKind
from domain.reservations import Reservation
from finops.advice.documents import WasteSerializer
from finops.advice.findings import CostedWaste
from finops.advice.waste import Finding, Waste
from finops.usage.idleness import IdleSince

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_a_finding_tells_what_it_holds_costs_and_is_answered_by() -> None:
    waste = Waste(
        finding=Finding.IDLE,
        name="saint-paul",
        engine="local",
        instance="saint-paul",
        answer="suspend",
        quiet=IdleSince(logins=AT),
        reserved=Reservation(250, 1024),
    )
    shown = json.loads(json.dumps(WasteSerializer(CostedWaste(waste=waste, cost=Decimal("3.20"), currency="EUR")).data))
    assert (shown["finding"], shown["cost"], shown["cpu_millicores"]) == (Finding.IDLE.value, "3.20", 250)
    assert (shown["login_at"], shown["visited_at"], shown["since"]) == (AT.isoformat(), None, None)
    assert shown["command"] == "instance_suspend saint-paul"


def test_what_nobody_can_price_has_no_cost_and_tells_how_to_remove_it() -> None:
    waste = Waste(
        finding=Finding.VOLUME_RELEASED, name="pv-1", engine="strasbourg", removable=RemovableKind.VOLUME, place="pv-1"
    )
    shown = WasteSerializer(CostedWaste(waste=waste, cost=None, currency="")).data
    assert (shown["cost"], shown["answer"]) == (None, None)
    assert shown["command"] == "stray_remove pv-1 --engine strasbourg --volume"
