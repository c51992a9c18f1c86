"""Engines are looked at once each; one that does not answer hides no other."""

import logging

import pytest

from operations.fleets import list_managed_engines, list_scheduling_engines, observe_fleets
from tests.engines import FakeEngine
from tests.rows import make_instance_row


@pytest.mark.django_db
def test_an_engine_that_is_not_there_is_none_and_said(engine: FakeEngine, caplog: pytest.LogCaptureFixture) -> None:
    engine.set_up("saint-paul")
    with caplog.at_level(logging.WARNING, logger="operations"):
        fleets = observe_fleets({"fake", "nowhere"})
    assert fleets["nowhere"] is None and "engine nowhere" in caplog.text
    assert fleets["fake"] is not None and set(fleets["fake"].instances) == {"saint-paul"}


@pytest.mark.django_db
def test_engines_are_told_apart_by_who_runs_their_schedules(engine: FakeEngine) -> None:
    assert (list_managed_engines(), list_scheduling_engines()) == ([], {})
    make_instance_row("saint-paul")
    make_instance_row("saint-jean")
    make_instance_row("sainte-marie", engine="nowhere")
    assert (list_managed_engines(), list_scheduling_engines()) == (["fake"], {})
    engine.runs_schedules = True
    assert (list_managed_engines(), list_scheduling_engines()) == ([], {"fake": engine})
