"""A run's context: its Job's name, and whose set it reads."""

import dataclasses

from domain.cluster import ClusterSettings
from domain.specs import JobProgram, JobSpec
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.run_context import RunContext
from tests.builders import make_spec
from tests.engine.kubernetes.objects import NOW


def test_a_place_names_its_job_and_its_lender(client: ClusterClient, settings: ClusterSettings) -> None:
    job = JobSpec(name="restore-Op_1", program=JobProgram.RESTORE, environment={}, deadline_seconds=60)
    context = RunContext(client, settings, make_spec("saint-paul-sandbox"), job, lambda: NOW)
    assert context.identifier == "saint-paul-sandbox" and context.key.startswith("restore-op-1-")
    assert context.lender is None
    assert dataclasses.replace(context, job=dataclasses.replace(job, set_of="saint-paul-sandbox")).lender is None
    assert dataclasses.replace(context, job=dataclasses.replace(job, set_of="saint-paul")).lender == "saint-paul"
