"""What an instance of a plan takes, read off the objects that would be made of it. Pure.

It is the same for every parish: names, certificates and secrets take no room. So placeholders stand for them here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from domain.cluster import ClusterSettings, TlsBundle
from domain.footprints import Footprint
from domain.reservations import Reservation, add_reservations, compute_pod_request
from domain.specs import InstanceKind, InstanceSpec, JobProgram, JobSpec, Plan, Release, Secrets, Site
from manifests.blueprints import TEMPLATES, load_blueprint
from manifests.instance import make_instance_objects
from manifests.jobs import make_job_object
from manifests.resources import compute_volume_sizes
from manifests.workloads import SERVER_KINDS, find_pod_template

NO_TLS = TlsBundle(**{field.name: "-" for field in fields(TlsBundle)})
NO_BACKUP = "20000101T000000Z-000000"


def make_footprint(plan: Plan, *, blueprint: str, root: Path = TEMPLATES) -> Footprint:
    """Return what the pods and volumes of an instance take. Raise NotFound, or CiviparoisseError `template_invalid`,
    as make_instance_objects does."""
    declaration = load_blueprint(blueprint, root)
    spec, cluster = _make_sample_spec(plan, blueprint), ClusterSettings()
    objects = make_instance_objects(spec, cluster, tls=NO_TLS, root=root)
    runs = {
        program: compute_pods_request(
            [make_job_object(spec, _make_sample_job(program), cluster, tls=NO_TLS, root=root)]
        )
        for program in declaration.jobs
    }
    # A program whose template is one of the instance's own objects runs by its schedule.
    files = {entry.file for entry in declaration.objects}
    scheduled = {program for program, entry in declaration.jobs.items() if entry.template in files}
    return Footprint(
        servers={
            component.value: compute_pods_request(_select(objects, entry.workload_kind, entry.workload_name))
            for component, entry in declaration.components.items()
            if entry.workload_kind in SERVER_KINDS
        },
        schedules={program.value: held for program, held in runs.items() if program in scheduled},
        jobs={program.value: held for program, held in runs.items() if program not in scheduled},
        volumes=compute_volume_sizes(plan, declaration),
    )


def compute_pods_request(workloads: Iterable[Mapping[str, Any]]) -> Reservation:
    """Return what one pod of each workload holds together."""
    templates = filter(None, map(find_pod_template, workloads))
    return add_reservations(compute_pod_request(template["spec"]) for template in templates)


def _select(objects: Iterable[Mapping[str, Any]], kind: str, name: str) -> list[Mapping[str, Any]]:
    return [object_ for object_ in objects if (object_["kind"], object_["metadata"]["name"]) == (kind, name)]


def _make_sample_job(program: JobProgram) -> JobSpec:
    reads = program in {JobProgram.VERIFY, JobProgram.RESTORE, JobProgram.CONSISTENCY}
    environment = {"BACKUP_ID": NO_BACKUP}
    name = f"{program.value}-sample"
    set_of = "sample" if reads else None
    return JobSpec(name=name, program=program, environment=environment, deadline_seconds=1, set_of=set_of)


def _make_sample_spec(plan: Plan, blueprint: str) -> InstanceSpec:
    texts = {field.name: "-" for field in fields(Site) if field.name not in {"smtp", "imap"}}
    return InstanceSpec(
        identifier="sample",
        tenant="sample",
        kind=InstanceKind.PRODUCTION,
        host="sample.invalid",
        plan=plan,
        release=Release(name="sample", images={}, versions={}, blueprint=blueprint),
        site=Site(**texts, smtp=None, imap=None),
        secrets=Secrets(**{field.name: "-" for field in fields(Secrets)}),
    )
