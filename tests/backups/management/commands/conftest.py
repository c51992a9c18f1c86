"""What is asked of backups is asked of a manager that works."""

import pytest

from tests.pulses import show_life


@pytest.fixture(autouse=True)
def _living_manager(request: pytest.FixtureRequest) -> None:
    """Let its clock and its workers have been seen, where a test has a database."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db")
        show_life()
