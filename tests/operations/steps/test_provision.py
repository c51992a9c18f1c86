"""Steps of a provisioning that are not about servers."""

import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError
from domain.states import InstanceState, OperationKind
from operations.kinds.provision import PROVISION
from operations.outcomes import Done, Wait
from operations.steps.provision import TRIES, check_data, initialise, prepare
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.steps.conftest import MakeContext

pytestmark = pytest.mark.django_db(transaction=True)


def test_preparing_makes_secrets_once_and_forgets_an_older_purge(make_context: MakeContext, engine: FakeEngine) -> None:
    context = make_context(OperationKind.PROVISION, "prepare", state=InstanceState.DELETED)
    Instance.objects.update(purged_at=timezone.now())
    assert prepare(context) == prepare(context) == Done()
    row = Instance.objects.get()
    assert row.purged_at is None
    assert len(row.secrets["drupal_admin_password"]) == 24
    assert engine.list_effects("saint-paul") == ["make volumes"]


def test_the_data_is_checked_after_an_init_that_said_it_went_well(
    make_context: MakeContext, engine: FakeEngine
) -> None:
    context = make_context(OperationKind.PROVISION, "initialise", state=InstanceState.NEW)
    assert isinstance(initialise(context), Wait)
    with pytest.raises(CiviparoisseError) as refused:
        check_data(context)
    assert refused.value.code == "init_incomplete"
    assert initialise(context) == Done()
    assert check_data(context) == Done()
    assert engine.list_effects("saint-paul") == ["run init"]


def test_all_tries_of_an_init_fit_in_the_step_s_deadline() -> None:
    step = next(step for step in PROVISION.steps if step.name == "initialise")
    assert (step.max_attempts, step.deadline_setting) == (TRIES, "INIT_TIMEOUT_SECONDS")
