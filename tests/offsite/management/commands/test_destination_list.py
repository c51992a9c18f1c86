"""destination_list: all of them, no secret."""

import pytest

from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("destination")
def test_destinations_are_listed() -> None:
    code, document = run_json("destination_list")
    assert code == 0 and [row["name"] for row in document["destinations"]] == ["shelf"]
    assert "shelf" in run_command("destination_list")[1]
