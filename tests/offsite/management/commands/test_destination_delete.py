"""destination_delete: forgotten where nothing is recorded."""

import pytest

from offsite.models import Destination
from tests.commands import run_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("destination")]


def test_a_destination_is_forgotten() -> None:
    assert run_json("destination_delete", "shelf")[0] == 0
    assert not Destination.objects.exists()
