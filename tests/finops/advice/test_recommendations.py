"""A recommendation shows its evidence and its saving, and following it is an ordinary resize that can be undone."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domain.errors import CiviparoisseError, NotFound
from domain.states import InstanceState, OperationKind
from finops.advice.documents import RecommendationSerializer
from finops.advice.recommendations import (
    ensure_plan,
    follow_recommendation,
    get_recommendation,
    list_recommendations,
    make_plan_name,
)
from finops.calendar import PARIS
from finops.usage_models import FollowedAdvice
from operations.requests import request_operation
from tenants.models import Plan
from tenants.specs import make_plan
from tests.builders import MEBIBYTE
from tests.engines import FakeEngine
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded, write_use
from tests.operations.conftest import Finish, MovedClock

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
BEGUN = datetime(2026, 10, 1, tzinfo=PARIS)
TODAY = date(2026, 11, 25)


def test_what_is_too_large_is_proposed_smaller_with_its_saving() -> None:
    make_sheet()
    make_recorded(since=BEGUN)
    write_use(["saint-paul"], last=TODAY)
    found = get_recommendation("saint-paul", now=NOW)
    proposed = {one.container: one.proposed for one in found.containers}
    assert (proposed["db"].cpu_limit_millicores, proposed["db"].memory_limit_bytes) == (50, 384 * MEBIBYTE)
    assert (proposed["httpd"].cpu_limit_millicores, proposed["httpd"].memory_limit_bytes) == (100, 1024 * MEBIBYTE)
    # 200 m of the database and 900 m of the web server for the 720 hours of November.
    assert found.saving == (Decimal("1.1") * Decimal("0.031611") * 720).quantize(Decimal("0.01"))
    assert found.waste is not None and found.waste > 0
    assert found.is_change and not found.is_raise


def test_without_a_measure_or_without_prices_nothing_is_invented() -> None:
    make_recorded(since=BEGUN)
    nothing = get_recommendation("saint-paul", now=NOW)
    assert (nothing.is_change, nothing.saving, nothing.waste, nothing.currency) == (False, None, None, "")
    make_sheet()
    priced = get_recommendation("saint-paul", now=NOW)
    assert (priced.saving, priced.waste, priced.currency) == (0, None, "EUR")
    with pytest.raises(CiviparoisseError) as refusal:
        follow_recommendation(priced, requested_by="test", now=NOW)
    assert refusal.value.code == "nothing_to_recommend"


def test_what_needs_more_is_told_and_costs_more() -> None:
    make_sheet()
    make_recorded(since=BEGUN)
    write_use(["saint-paul"], last=TODAY, use={"db": (240, 380)})
    found = get_recommendation("saint-paul", now=NOW)
    assert found.is_raise
    assert found.saving is not None and found.saving < 0


def test_the_largest_saving_comes_first_and_the_queries_do_not_grow() -> None:
    make_sheet()
    for slug in ("saint-paul", "sainte-marie"):
        make_recorded(slug, since=BEGUN)
    write_use(["saint-paul"], last=TODAY, use={"httpd": (400, 420)})
    write_use(["sainte-marie"], last=TODAY)
    assert [one.instance.identifier for one in list_recommendations(now=NOW)] == ["sainte-marie", "saint-paul"]

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            list_recommendations(now=NOW)
        return len(queries)

    few = count()
    for number in range(5):
        make_recorded(f"parish-{number}", since=BEGUN)
    assert count() == few


def test_following_it_is_a_resize_that_is_recorded_and_can_be_undone(
    engine: FakeEngine, finish: Finish, clock: MovedClock
) -> None:
    make_sheet()
    instance = make_recorded(since=BEGUN)
    engine.set_up("saint-paul")
    write_use(["saint-paul"], last=TODAY)
    clock.move(3600)  # what comes before takes its time, the runner's clock stands still
    advice = get_recommendation("saint-paul", now=NOW)
    operation = finish(follow_recommendation(advice, requested_by="jeanne", now=NOW))
    assert (operation.kind, operation.state) == ("resize", "succeeded")
    instance.refresh_from_db()
    kept = FollowedAdvice.objects.get()
    assert (kept.operation, kept.saving, kept.plan_before) == (operation.public_id, advice.saving, "test")
    assert instance.plan.name == kept.plan_after
    assert instance.plan.containers.get(container="httpd").cpu_limit_millicores == 100
    assert kept.evidence == RecommendationSerializer(advice).data["containers"]
    assert not get_recommendation("saint-paul", now=NOW).is_change, "the same measure asks for nothing more"
    undo = request_operation(
        kind=OperationKind.RESIZE, instance=instance, requested_by="jeanne", parameters={"plan": kept.plan_before}
    )
    assert finish(undo).state == "succeeded"
    instance.refresh_from_db()
    assert instance.plan.name == "test"


def test_parishes_of_like_use_share_one_plan() -> None:
    for slug in ("saint-paul", "sainte-marie"):
        make_recorded(slug, since=BEGUN)
    write_use(["saint-paul"], last=TODAY)
    write_use(["sainte-marie"], last=TODAY, use={"db": (43, 310), "httpd": (66, 500), "cron": (90, 150)})
    plans = {ensure_plan(advice).name for advice in list_recommendations(now=NOW)}
    assert len(plans) == 1
    assert Plan.objects.filter(name__in=plans).count() == 1
    assert not Plan.objects.get(name__in=plans).is_default


def test_volumes_that_have_grown_stay_as_large() -> None:
    instance = make_recorded(since=BEGUN)
    instance.grown_volumes = {"files_volume_bytes": 5 * 1024**3}
    instance.save(update_fields=["grown_volumes"])
    write_use(["saint-paul"], last=TODAY)
    assert ensure_plan(get_recommendation("saint-paul", now=NOW)).files_volume_bytes == 5 * 1024**3


def test_names_say_where_a_plan_comes_from_and_do_not_grow() -> None:
    plan = make_plan(make_recorded(since=BEGUN).plan)
    name = make_plan_name(plan)
    assert name.startswith("test-fit-") and len(name) <= 40
    again = make_plan_name(make_plan(Plan(name=name, db_volume_bytes=1, files_volume_bytes=1, private_volume_bytes=1,
                                          backups_volume_bytes=1, pk=0)))  # fmt: skip
    assert again.startswith("test-fit-") and again != name


def test_what_holds_nothing_has_no_advice() -> None:
    make_recorded(since=BEGUN, state=InstanceState.DELETED)
    assert list_recommendations(now=NOW) == ()
    with pytest.raises(NotFound):
        get_recommendation("saint-paul", now=NOW)
