"""The objects of one instance. Pure: values in, a list of objects out, nothing is sent."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.cluster import Blueprint, ClusterSettings, TlsBundle
from domain.specs import InstanceSpec
from manifests.blueprints import TEMPLATES, load_blueprint
from manifests.checksums import add_checksums
from manifests.context import make_context
from manifests.features import compute_features
from manifests.labels import add_labels, make_labels
from manifests.render import load_template, render_template
from manifests.resources import make_quota

# A Job as the quota counts it: its name and its deadline take no room.
ANY_JOB = {"name": "any", "deadline_seconds": 1}
# (blueprint's folder, resources of the plan as JSON) -> one Job of every program. A fleet has few plans.
_samples: dict[tuple[Path, str], list[dict[str, Any]]] = {}
MOST_SAMPLES = 64


def make_instance_objects(
    spec: InstanceSpec, cluster: ClusterSettings, *, tls: TlsBundle, root: Path = TEMPLATES
) -> list[dict[str, Any]]:
    """Return every object of the instance in the order of application, the namespace first.

    `spec.release.blueprint` names the templates below `root`. `spec.components` decides the servers' replicas (0 or 1)
    and whether the cron's schedule is on. Raise NotFound without such a blueprint, CiviparoisseError
    `template_invalid` for a template that is wrong or values that its objects cannot hold.
    """
    blueprint = load_blueprint(spec.release.blueprint, root)
    folder = root / blueprint.name
    context = make_context(spec, cluster, tls=tls, blueprint=blueprint)
    features = compute_features(spec, cluster)
    files = select_files(blueprint, features)
    objects = {file: render_template(folder / file, context) for file in files if not _needs_quota(folder / file)}
    jobs = _make_job_samples(blueprint, folder, context)
    quota = make_quota(spec.plan, blueprint, [*objects.values(), *jobs], solver="tls-issuer" in features)
    for file in files:
        if file not in objects:
            objects[file] = render_template(folder / file, {**context, "quota": quota})
    finished = [objects[file] for file in files]
    add_checksums(finished)
    for object_ in finished:
        finish_object(object_, spec.identifier)
    return finished


def select_files(blueprint: Blueprint, features: frozenset[str]) -> list[str]:
    """Return the files of the blueprint's objects that an instance with `features` has, in order."""
    return [entry.file for entry in blueprint.objects if entry.when is None or entry.when in features]


def finish_object(object_: dict[str, Any], identifier: str) -> None:
    """Add the labels of every object of ours, and write a Secret's texts as the API keeps them: server-side apply
    would not remember `stringData`."""
    add_labels(object_, make_labels(identifier))
    if "stringData" in object_:
        texts: Mapping[str, str] = object_.pop("stringData")
        object_["data"] = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}


def _needs_quota(path: Path) -> bool:
    """Return whether the template needs what is computed from the others."""
    return "quota" in load_template(path).names


def _make_job_samples(blueprint: Blueprint, folder: Path, context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one Job of every program that has a template of its own, for what its containers ask for: that is the
    same for all instances of a plan, whatever else is in it."""
    key = folder, json.dumps(context["resources"], sort_keys=True)
    if key not in _samples:
        if len(_samples) >= MOST_SAMPLES:
            _samples.clear()
        scheduled = {entry.file for entry in blueprint.objects}
        templates = {job.template for job in blueprint.jobs.values()} - scheduled
        _samples[key] = [render_template(folder / file, {**context, "job": ANY_JOB}) for file in sorted(templates)]
    return _samples[key]
