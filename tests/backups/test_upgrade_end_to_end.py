"""Changes of plan and release of real instances: the new sizes and versions are there, or everything is as before."""

import pytest

from domain.specs import ALL_COMPONENTS, Component
from domain.states import InstanceState, OperationKind, OperationState
from tenants.models import Instance, PlanContainer
from tests.backups.parishes import Parishes
from tests.builders import MEBIBYTE
from tests.rows import make_plan_row, make_release_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


def read_version(parishes: Parishes, instance: Instance) -> str:
    """Return the version that CiviCRM's data says it is of."""
    with parishes.open_database(instance)._cursor() as cursor:
        cursor.execute("SELECT version FROM civicrm.civicrm_domain")
        return str(cursor.fetchone()[0])


def test_an_upgrade_changes_the_data_and_one_that_fails_brings_release_and_data_back(parishes: Parishes) -> None:
    paul = parishes.get()
    make_release_row("next", civicrm="5.62.0")
    parishes.run(OperationKind.UPGRADE, paul, release="next")
    assert (paul.release.name, paul.state) == ("next", InstanceState.ACTIVE)
    assert read_version(parishes, paul) == "5.62.0"
    parishes.check_running(paul, ALL_COMPONENTS)
    before = parishes.read(paul)
    # No version of CiviCRM is that long: the database server refuses it, after Drupal's was written.
    make_release_row("impossible", civicrm="6." * 30)
    operation = parishes.run(OperationKind.UPGRADE, paul, expected=OperationState.FAILED, release="impossible")
    assert operation.error_code == "upgrade_rolled_back"
    assert operation.error_params["cause"] == "statement_failed"
    assert (paul.release.name, paul.state) == ("next", InstanceState.ACTIVE)
    assert parishes.read(paul) == before
    parishes.check_running(paul, ALL_COMPONENTS)


def test_a_suspended_instance_is_upgraded_and_suspended_again(parishes: Parishes) -> None:
    paul = parishes.get()
    make_release_row("later", civicrm="5.63.0")
    parishes.run(OperationKind.SUSPEND, paul)
    parishes.run(OperationKind.UPGRADE, paul, release="later")
    parishes.check_running(paul, frozenset[Component]())
    assert paul.state == InstanceState.SUSPENDED
    parishes.run(OperationKind.RESUME, paul)
    assert read_version(parishes, paul) == "5.63.0"


def test_new_sizes_reach_the_servers_and_the_earlier_ones_come_back(parishes: Parishes) -> None:
    paul = parishes.get()
    plan = make_plan_row("roomy")
    PlanContainer.objects.filter(plan=plan, container="db").update(memory_limit_bytes=512 * MEBIBYTE)
    state = parishes.directory(paul) / "config" / "desired.json"
    parishes.run(OperationKind.RESIZE, paul, plan="roomy")
    assert (paul.plan.name, paul.state) == ("roomy", InstanceState.ACTIVE)
    assert str(512 * MEBIBYTE) in state.read_text()
    parishes.check_running(paul, ALL_COMPONENTS)
    parishes.run(OperationKind.RESIZE, paul, plan="test")
    assert str(512 * MEBIBYTE) not in state.read_text()
