"""Specs hide secrets, and an observed instance runs exactly what is wanted or it does not."""

import dataclasses

import pytest

from domain.specs import ALL_COMPONENTS, Component, ComponentPhase, ObservedComponent, ObservedInstance, Secrets
from tests.builders import make_spec


def _observe(**phases: ComponentPhase) -> ObservedInstance:
    components = {Component(name): ObservedComponent(phase=phase) for name, phase in phases.items()}
    return ObservedInstance(identifier="saint-paul", exists=True, components=components)


def test_no_secret_shows_in_the_representation_of_a_spec() -> None:
    names = [field.name for field in dataclasses.fields(Secrets)]
    spec = make_spec("saint-paul", secrets=Secrets(**{name: f"hidden-{name}" for name in names}))
    assert names and "hidden" not in repr(spec) + repr(spec.secrets) + str(spec.secrets)


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_spec("saint-paul").host = "www.elsewhere.example.org"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("phases", "wanted", "expected"),
    [
        (
            {"db": ComponentPhase.READY, "httpd": ComponentPhase.READY, "cron": ComponentPhase.READY},
            ALL_COMPONENTS,
            True,
        ),
        (
            {"db": ComponentPhase.READY, "httpd": ComponentPhase.STARTING, "cron": ComponentPhase.READY},
            ALL_COMPONENTS,
            False,
        ),
        ({"db": ComponentPhase.READY}, frozenset({Component.DB}), True),
        ({"db": ComponentPhase.READY, "httpd": ComponentPhase.STARTING}, frozenset({Component.DB}), False),
        ({"db": ComponentPhase.FAILED}, frozenset(), False),
        ({}, frozenset(), True),
    ],
)
def test_running_means_all_of_what_is_wanted_and_nothing_else(
    phases: dict[str, ComponentPhase], wanted: frozenset[Component], expected: bool
) -> None:
    assert _observe(**phases).is_running(wanted) is expected
