"""A run's place: its Job's name, and whose set it reads."""

import dataclasses

from domain.cluster import ClusterSettings
from domain.specs import JobProgram, JobSpec
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.place import Place
from tests.builders import make_spec
from tests.engine.kubernetes.objects import NOW


def test_a_place_names_its_job_and_its_lender(client: ClusterClient, settings: ClusterSettings) -> None:
    job = JobSpec(name="restore-Op_1", program=JobProgram.RESTORE, environment={}, deadline_seconds=60)
    place = Place(client, settings, make_spec("saint-paul-sandbox"), job, lambda: NOW)
    assert place.identifier == "saint-paul-sandbox" and place.key.startswith("restore-op-1-")
    assert place.lender is None
    assert dataclasses.replace(place, job=dataclasses.replace(job, set_of="saint-paul-sandbox")).lender is None
    assert dataclasses.replace(place, job=dataclasses.replace(job, set_of="saint-paul")).lender == "saint-paul"
