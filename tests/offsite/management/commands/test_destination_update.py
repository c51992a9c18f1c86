"""destination_update: what is not named keeps its value."""

import pytest

from offsite.models import Destination
from tests.commands import run_json

pytestmark = pytest.mark.django_db


def test_a_destination_is_taken_out_of_use(destination: Destination) -> None:
    assert run_json("destination_update", "shelf", "--enabled", "no", "--dry-run")[0] == 0
    assert Destination.objects.get().enabled
    code, document = run_json("destination_update", "shelf", "--enabled", "no")
    assert code == 0 and document["destination"]["enabled"] is False
    assert Destination.objects.get().settings == destination.settings
    assert run_json("destination_update", "other", "--enabled", "no")[0] != 0
