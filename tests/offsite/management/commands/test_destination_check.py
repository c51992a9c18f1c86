"""destination_check: the exit code is the result."""

import pytest

from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("destination")
def test_the_exit_code_tells_the_result() -> None:
    code, document = run_json("destination_check", "shelf")
    assert code == 1 and document["level"] == "warning"
    assert "shelf" in run_command("destination_check", "shelf")[1]
    assert run_command("destination_check", "other")[0] == 3
