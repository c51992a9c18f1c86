"""The API against its own schema: generated requests never meet a failure, and every answer has the shape it promised.

`CIVIPAROISSE_API_EXAMPLES`: requests tried per operation (make test-long tries many more).
"""

import os
import sys
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from api.door import LONGEST_ADDRESS_BYTES
from api.parsers import LIMIT_BYTES
from backups.models import Backup
from campaigns.models import Campaign
from civiparoisse.wsgi import application
from domain.states import InstanceState, OperationKind
from operations.models import Operation
from operations.requests import request_operation
from tests.clusters.samples import make_cluster_row, make_kubeconfig
from tests.console.campaigns.rows import make_campaign
from tests.rows import make_instance_row

EXAMPLES = int(os.environ.get("CIVIPAROISSE_API_EXAMPLES", "6"))
# The same requests at every run, so that what is asked twice of the same code is answered the same: `make test-long`
# looks elsewhere each time.
SEED = int(os.environ.get("CIVIPAROISSE_API_SEED", "1"))
CONTRACT = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
CONTRACT.app = application
OPERATIONS = {operation.ok().label: operation.ok() for operation in CONTRACT.get_all_operations()}
# Names that meet rows: generated ones alone would find nothing but 404.
REAL_NAMES = {
    "identifier": ["saint-paul", "saint-jean"],
    "slug": ["saint-paul", "saint-jean"],
    "name": ["test"],
    "id": ["20261121T080000Z-5f3a9c", "op-0123456789", "ca-0123456789"],
}
# Neither good nor bad by the schema: of another version than the one that was read, and too long to be read at all.
UNSAID: dict[int, Callable[[Any], bool]] = {
    412: lambda request: request.headers.get("If-Match", "*") != "*",
    413: lambda request: len(request.body or b"") > LIMIT_BYTES,
    414: lambda request: len(request.path_url) > LONGEST_ADDRESS_BYTES,
}

# Requests commit, as real ones do: messages go out to a broker whose directory may not be there.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def rows(db: None) -> None:  # noqa: ARG001
    """One instance at rest with a backup and in a campaign, one busy; a cluster that does not answer."""
    calm = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    Backup.objects.create(backup_id="20261121T080000Z-5f3a9c", instance=calm, state="good")
    busy = make_instance_row("saint-jean", state=InstanceState.ACTIVE)
    make_cluster_row("test", kubeconfig=make_kubeconfig(server="https://127.0.0.1:1"))
    begun = request_operation(kind=OperationKind.SUSPEND, instance=busy, requested_by="cli:jeanne")
    Operation.objects.filter(pk=begun.pk).update(public_id="op-0123456789")
    campaign = make_campaign(selection={"slugs": ["saint-paul"]})
    Campaign.objects.filter(pk=campaign.pk).update(public_id="ca-0123456789")


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("label", OPERATIONS)
def test_generated_requests_are_answered_as_the_schema_says(label: str, mode: GenerationMode, token: str) -> None:
    sys.stdout.write(f"CIVIPAROISSE_API_SEED={SEED}\n")

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode), names=st.data())
    def ask(case: schemathesis.Case, names: Any) -> None:
        cache.clear()  # refused tokens, which the checks send too
        for parameter, known in REAL_NAMES.items():
            if parameter in (case.path_parameters or {}) and names.draw(st.booleans()):
                case.path_parameters[parameter] = names.draw(st.sampled_from(known))
        headers = None if _has_wrong_headers(case) else {"Authorization": f"Bearer {token}"}
        answer = case.call(headers=headers)
        is_told = answer.status_code in UNSAID
        assert not is_told or UNSAID[answer.status_code](answer.request), (answer.status_code, case)
        unsaid = [positive_data_acceptance, negative_data_rejection] * is_told
        case.validate_response(answer, headers=headers, excluded_checks=unsaid)

    ask()


def _has_wrong_headers(case: schemathesis.Case) -> bool:
    """Return whether the headers are wrong on purpose: with our token put in, nothing might be wrong any more."""
    headers = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    return headers is not None and headers.mode.is_negative


def test_the_schema_is_valid_and_complete() -> None:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert "/api/v1/operations/{id}/cancel/" in out.getvalue()
