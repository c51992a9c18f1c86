"""What a report says of its set: its own fault, or that it could not be tried."""

import pytest

from backups.proofs import NOT_OF_THE_SET, is_of_the_set
from backups.records import FAULTS_OF_THE_SET


@pytest.mark.parametrize("cause", sorted(FAULTS_OF_THE_SET | {"restore_differs", "foreign_key_broken"}))
def test_what_programs_say_of_a_set_is_its_fault(cause: str) -> None:
    assert is_of_the_set("program_failed", {"code": cause})


@pytest.mark.parametrize("cause", sorted(NOT_OF_THE_SET))
def test_what_hindered_a_program_is_not(cause: str) -> None:
    assert not is_of_the_set("program_failed", {"code": cause})


@pytest.mark.parametrize("code", ["job_lost", "engine_unavailable", "deadline_exceeded", "workers_lost", "unexpected"])
def test_what_the_manager_could_not_do_is_not(code: str) -> None:
    assert not is_of_the_set(code, {})


def test_counts_that_differ_from_those_noted_are_its_fault() -> None:
    assert is_of_the_set("proof_counts_differ", {})
