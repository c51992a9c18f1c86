"""Whether a site is up is told from what is known: its state, and the problems that stand."""

import pytest
from django.utils import timezone
from django.utils.translation import override

from domain.states import InstanceState
from parish_site.site_state import STATES, TROUBLES, describe_site, find_site
from tests.rows import make_instance_row, make_tenant_row
from watch.models import Problem

pytestmark = pytest.mark.django_db


def test_every_state_but_the_last_has_a_sentence() -> None:
    assert set(STATES) == {state.value for state in InstanceState} - {InstanceState.DELETED.value}


def test_an_active_site_is_up_unless_a_problem_stands() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    with override("fr"):
        assert describe_site(instance).is_up
        problem = Problem.objects.create(
            check_code=TROUBLES[0], subject=instance.identifier, open_key="x", level="critical", since=timezone.now()
        )
        told = describe_site(instance)
        assert not told.is_up and "prévenue" in told.text
        Problem.objects.filter(pk=problem.pk).update(open_key=None)
        assert describe_site(instance).is_up
        Problem.objects.filter(pk=problem.pk).update(open_key="x", subject="sainte-marie")
        assert describe_site(instance).is_up


def test_versions_and_address_are_for_people() -> None:
    told = describe_site(make_instance_row(state=InstanceState.ACTIVE))
    assert told.versions == "CiviCRM 5.61.1" and told.address == "https://www.saint-paul.example.org"


def test_the_site_is_the_production_one_that_is_not_deleted() -> None:
    tenant = make_tenant_row()
    assert find_site(tenant) is None and not describe_site(None).is_up
    instance = make_instance_row()
    assert find_site(tenant) == instance
    type(instance).objects.filter(pk=instance.pk).update(kind="sandbox")
    assert find_site(tenant) is None
    type(instance).objects.filter(pk=instance.pk).update(kind="production", state="deleted")
    assert find_site(tenant) is None
