"""The Job of one run of a program. Pure."""

import re
from pathlib import Path
from typing import Any

from domain.cluster import Blueprint, ClusterSettings, JobDeclaration, TlsBundle
from domain.errors import InvalidValue, NotFound
from domain.specs import InstanceSpec, JobSpec
from manifests.blueprints import TEMPLATES, load_blueprint
from manifests.context import make_context
from manifests.instance import finish_object
from manifests.labels import JOB_NAME_ANNOTATION, add_labels, make_job_labels
from manifests.names import fit_name
from manifests.render import make_template_error, render_template
from manifests.workloads import JOB_KIND, SCHEDULE_KIND, find_pod_template

# Where a set of another instance lies, below the instance's own (programs/sets/set_transfer.py), and what is lent to
# read it.
FOREIGN_SETS = ".from-others"
OWN_KEY_SECRET, LENT_KEY_SECRET = "backupsecret", "lentsecret"
# The name of a set, which becomes part of a path.
BACKUP_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}")


def compute_job_name(name: str) -> str:
    """Return the name of the Job for a run called `name`: the same one when it is a name of at most 63 characters, else
    one with a hash, so that two runs never share a Job."""
    return fit_name(name)


def make_job_object(
    spec: InstanceSpec, job: JobSpec, cluster: ClusterSettings, *, tls: TlsBundle, root: Path = TEMPLATES
) -> dict[str, Any]:
    """Return the Job that runs `job.program` beside the instance.

    A program whose template is a CronJob runs exactly as by its schedule, with what the caller decided. The template's
    own variables win over the caller's. `job.set_of`: the set named BACKUP_ID is read from the instance's backup volume
    (SET_DIR); another instance's lies beside its own, and is verified with the key that was lent for it.
    Raise NotFound when the blueprint has no such program, InvalidValue for a BACKUP_ID that names no set.
    """
    blueprint = load_blueprint(spec.release.blueprint, root)
    declaration = find_job(blueprint, job)
    context = make_context(spec, cluster, tls=tls, blueprint=blueprint)
    name = compute_job_name(job.name)
    path = root / blueprint.name / declaration.template
    context["job"] = {"name": name, "deadline_seconds": job.deadline_seconds}
    object_ = render_template(path, context)
    if object_["kind"] == SCHEDULE_KIND:
        object_ = _make_job_of_schedule(object_, name=name, deadline_seconds=job.deadline_seconds)
    if object_["kind"] != JOB_KIND:
        raise make_template_error(path, f"a {object_['kind']} runs no program")
    _add_environment(object_, spec, job, declaration)
    if job.set_of not in (None, spec.identifier):
        _use_lent_key(object_)
    add_labels(object_, make_job_labels(job.name, job.program.value))
    object_["metadata"]["annotations"] = {JOB_NAME_ANNOTATION: job.name}
    finish_object(object_, spec.identifier)
    return object_


def find_job(blueprint: Blueprint, job: JobSpec) -> JobDeclaration:
    """Return how the blueprint runs a program. Raise NotFound when it does not."""
    if job.program not in blueprint.jobs:
        raise NotFound(what="program", name=job.program.value)
    return blueprint.jobs[job.program]


def _make_job_of_schedule(schedule: dict[str, Any], *, name: str, deadline_seconds: int) -> dict[str, Any]:
    template = schedule["spec"]["jobTemplate"]
    return {
        "apiVersion": schedule["apiVersion"],
        "kind": JOB_KIND,
        "metadata": {
            **template.get("metadata", {}),
            "name": name,
            "namespace": schedule["metadata"]["namespace"],
        },
        "spec": {**template["spec"], "activeDeadlineSeconds": deadline_seconds},
    }


def _add_environment(object_: dict[str, Any], spec: InstanceSpec, job: JobSpec, declaration: JobDeclaration) -> None:
    """Add the caller's variables to the container that runs the program, before the template's own."""
    pod = find_pod_template(object_)
    containers = (
        [container for container in pod["spec"]["containers"] if container["name"] == declaration.container]
        if pod
        else []
    )
    if not containers:
        raise NotFound(what="container", name=declaration.container)
    own = containers[0].get("env", [])
    fixed = {variable["name"]: variable.get("value", "") for variable in own}
    asked = {"EXPECTED_TENANT": spec.tenant, **job.environment}
    if job.set_of is not None and "BACKUPS_DIR" in fixed:
        backup_id = job.environment["BACKUP_ID"]
        if not BACKUP_ID.fullmatch(backup_id):
            raise InvalidValue(field="BACKUP_ID", reason=repr(backup_id))
        place = backup_id if job.set_of == spec.identifier else f"{FOREIGN_SETS}/{backup_id}"
        asked.setdefault("SET_DIR", f"{fixed['BACKUPS_DIR']}/{place}")
    # The kubelet would expand $(NAME) and $$ in the values of variables.
    added = [{"name": name, "value": value.replace("$", "$$")} for name, value in asked.items() if name not in fixed]
    containers[0]["env"] = [*added, *own]


def _use_lent_key(object_: dict[str, Any]) -> None:
    pod = find_pod_template(object_)
    for volume in pod["spec"].get("volumes", ()) if pod else ():
        if volume.get("secret", {}).get("secretName") == OWN_KEY_SECRET:
            volume["secret"]["secretName"] = LENT_KEY_SECRET
