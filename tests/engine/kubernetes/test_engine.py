"""The engine's own promises, on the API in memory; the contract of all engines runs on a real node (tests/cluster)."""

import dataclasses

import pytest

from domain.cluster import ClusterSettings
from domain.errors import InvalidValue
from domain.specs import Component
from engine.base import Engine
from engine.kubernetes.client import Connection
from engine.kubernetes.engine import KubernetesEngine, get_now
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import TOKEN, FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, provision, run_server

SPEC = make_spec(NAMESPACE)


def test_it_is_an_engine_and_shows_nothing_secret(engine: KubernetesEngine) -> None:
    port: Engine = engine
    assert port.runs_schedules and port.name == "cluster-1" and get_now().tzinfo is not None
    assert TOKEN not in repr(engine) and TOKEN not in repr(vars(engine))
    assert engine.client.api is engine.client.api and engine.client.applied is engine.client.applied


def test_suspend_releases_all_and_resume_brings_it_back(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    assert engine.observe(NAMESPACE).is_running(SPEC.components)
    engine.suspend(SPEC)
    for component in ("db", "httpd"):
        run_server(api, component)
    assert engine.observe(NAMESPACE).is_running(frozenset())
    assert engine.observe(NAMESPACE).url is None
    assert len([key for key in api.objects if key[0] == "PersistentVolumeClaim"]) == 4
    engine.resume(SPEC)
    for component in ("db", "httpd"):
        run_server(api, component)
    assert engine.observe(NAMESPACE).is_running(SPEC.components)


def test_one_component_can_be_stopped_alone(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    only = frozenset({Component.DB})
    engine.apply(dataclasses.replace(SPEC, components=only))
    run_server(api, "httpd")
    run_server(api, "db")
    assert engine.observe(NAMESPACE).is_running(only)


def test_names_that_are_paths_are_refused_by_every_call(engine: KubernetesEngine, api: FakeApi) -> None:
    bad = make_spec("a/b", tenant="saint-paul")
    for call in (
        lambda: engine.apply(bad),
        lambda: engine.probe(bad),
        lambda: engine.delete("a/b", keep_backups=True),
        lambda: engine.cancel_job("a/b", "x"),
        lambda: engine.list_scheduled_runs("a/b"),
    ):
        with pytest.raises(InvalidValue):
            call()
    assert api.calls == []


def test_settings_say_how_long_a_deletion_can_be_undone(api: FakeApi) -> None:
    settings = ClusterSettings(deletion_grace_seconds=7)
    engine = KubernetesEngine("x", connection=Connection(kubeconfig=api.kubeconfig), settings=settings)
    assert engine.deletion_grace_seconds == 7
