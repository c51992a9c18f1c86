"""A purge leaves nothing, or the backups and what they need to be found; others' namespaces are never purged."""

import pytest

from domain.errors import CiviparoisseError
from domain.specs import JobPhase, JobProgram
from engine.kubernetes.deletion import delete_instance, list_kinds, list_left
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.jobs import note_sets
from engine.kubernetes.records import read_namespace
from engine.kubernetes.runs import Run
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import BACKUP_ID, NAMESPACE, NOW, provision


def test_everything_goes_with_the_namespace(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    observed = engine.delete(NAMESPACE, keep_backups=False)
    assert (observed.exists, observed.remains, api.objects) == (False, (), {})
    assert engine.delete(NAMESPACE, keep_backups=False).remains == ()
    assert engine.delete("never-seen", keep_backups=True).remains == ()


def test_backups_stay_and_the_same_name_can_be_provisioned_again(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    result = {"ok": True, "backup_id": BACKUP_ID}
    done = Run(name="x", program=JobProgram.BACKUP, asked_at=NOW, phase=JobPhase.SUCCEEDED, result=result)
    note_sets(engine.client, NAMESPACE, done)
    observed = engine.delete(NAMESPACE, keep_backups=True)
    assert (observed.exists, observed.initialised, observed.remains) == (False, False, ())
    assert observed.backup_ids == (BACKUP_ID,)
    assert sorted(key[0] for key in api.objects) == ["Namespace", "PersistentVolumeClaim"]
    assert engine.observe_fleet().instances[NAMESPACE] == observed
    assert engine.delete(NAMESPACE, keep_backups=True) == observed
    again = engine.apply(make_spec(NAMESPACE))
    assert (again.exists, again.initialised, again.backup_ids) == (True, False, (BACKUP_ID,))
    assert len(api.objects) > 30


def test_what_does_not_go_at_once_is_said_until_it_is_gone(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    api.fault = lambda method, path: (200, {}, {}) if method == "DELETE" and "/dbvolclaim" in path else None
    observed = engine.delete(NAMESPACE, keep_backups=True)
    assert observed.exists and "claim dbvolclaim" in observed.remains
    record = read_namespace(engine.client, NAMESPACE)
    assert record is not None and not record.kept and not record.initialised
    assert list_left(engine.client, NAMESPACE, list_kinds(record)) == ["PersistentVolumeClaim/dbvolclaim"]
    api.fault = lambda _method, _path: None
    assert engine.delete(NAMESPACE, keep_backups=True).remains == ()


def test_schedules_go_before_what_they_would_start(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    api.calls.clear()
    delete_instance(engine.client, NAMESPACE, keep_backups=True)
    deleted = [path.split("?")[0].rsplit("/", 2)[1] for method, path in api.calls if method == "DELETE"]
    assert list(dict.fromkeys(deleted))[:3] == ["cronjobs", "statefulsets", "pods"]


def test_a_namespace_of_somebody_else_s_is_refused(api: FakeApi, engine: KubernetesEngine) -> None:
    api.put({"kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for keep in (True, False):
        with pytest.raises(CiviparoisseError) as raised:
            engine.delete(NAMESPACE, keep_backups=keep)
        assert raised.value.code == "namespace_foreign"
    assert ("Namespace", "", NAMESPACE) in api.objects
