"""What one run alone is given goes with its Job, stands in no other object, and goes when the run has ended."""

import base64
import dataclasses

import pytest

from domain.cluster import ClusterSettings
from domain.specs import JobPhase, JobProgram, JobSpec
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.given import give, make_given_reference, take_back
from engine.kubernetes.jobs import run_job
from engine.kubernetes.run_context import RunContext
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import BACKUP_ID, NAMESPACE, NOW, end_job, make_ended_pod, provision

SECRET = "a secret of the destination"
COPY = JobSpec(
    name="copy-1",
    program=JobProgram.COPY,
    environment={"BACKUP_ID": BACKUP_ID},
    deadline_seconds=3600,
    secrets={"DESTINATION": SECRET},
)


@pytest.fixture
def context(api: FakeApi, engine: KubernetesEngine, settings: ClusterSettings) -> RunContext:
    provision(api, engine)
    return RunContext(engine.client, settings, make_spec(NAMESPACE), COPY, lambda: NOW)


def test_a_run_is_given_a_secret_that_its_job_owns(api: FakeApi, context: RunContext) -> None:
    assert run_job(context).phase is JobPhase.RUNNING
    given, job = api.get("Secret", "copy-1", NAMESPACE), api.get("Job", "copy-1", NAMESPACE)
    assert base64.b64decode(given["data"]["DESTINATION"]).decode() == SECRET
    assert given["metadata"]["ownerReferences"][0]["uid"] == job["metadata"]["uid"]
    assert SECRET not in str(job) and SECRET not in repr(COPY)
    volumes = job["spec"]["template"]["spec"]["volumes"]
    assert {"name": "given", "secret": {"secretName": "copy-1", "defaultMode": 256}} in volumes


def test_it_is_taken_back_when_the_run_has_ended(api: FakeApi, context: RunContext) -> None:
    run_job(context)
    end_job(api, "copy-1")
    api.put(make_ended_pod("c-1", "copy", job="copy-1", message={"ok": True, "backup_id": BACKUP_ID}))
    assert run_job(context).phase is JobPhase.SUCCEEDED
    assert ("Secret", NAMESPACE, "copy-1") not in api.objects


def test_a_run_without_secrets_is_given_nothing(api: FakeApi, context: RunContext) -> None:
    give(dataclasses.replace(context, job=dataclasses.replace(COPY, secrets={})), uid="u")
    give(context, uid="")
    assert ("Secret", NAMESPACE, "copy-1") not in api.objects
    take_back(context.client, NAMESPACE, "copy-1")
    assert make_given_reference(NAMESPACE, "copy-1").name == "copy-1"
