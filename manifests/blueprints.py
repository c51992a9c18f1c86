"""Blueprints: folders of k8s_templates/ with their declaration, read and checked once per process."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.cluster import (
    Blueprint,
    ComponentDeclaration,
    JobDeclaration,
    ObjectDeclaration,
    VolumeDeclaration,
)
from domain.data_sets import DataClass
from domain.errors import NotFound
from domain.specs import CONTAINERS, Component, JobProgram, Plan
from domain.strict_yaml import YamlRefused, parse_yaml
from manifests.data_sets import read_declaration
from manifests.features import FEATURES
from manifests.names import LABEL
from manifests.render import make_template_error

# The wheel carries them inside this package (pyproject.toml), a checkout beside it.
_INSIDE = Path(__file__).resolve().parent / "k8s_templates"
TEMPLATES = _INSIDE if _INSIDE.is_dir() else _INSIDE.parent.parent / "k8s_templates"
DECLARATION = "blueprint.yaml"
FORMAT = 1
KEYS = {"format", "title", "components", "volumes", "data", "jobs", "backup_method", "images", "security", "objects"}


def list_blueprints(root: Path = TEMPLATES) -> tuple[str, ...]:
    """Return the names of all blueprints below `root`."""
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{DECLARATION}")))


@functools.cache
def load_blueprint(name: str, root: Path = TEMPLATES) -> Blueprint:
    """Return a blueprint. Raise NotFound, or CiviparoisseError `template_invalid` for a wrong declaration."""
    path = root / name / DECLARATION
    if not LABEL.fullmatch(name) or not path.is_file():
        raise NotFound(what="blueprint", name=name)
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
        if set(content) != KEYS or content["format"] != FORMAT:
            raise ValueError(f"format {FORMAT} has exactly these keys: {', '.join(sorted(KEYS))}")
        blueprint = _make_blueprint(name, content)
        _check(blueprint, path.parent)
    except (YamlRefused, AttributeError, KeyError, TypeError, ValueError) as error:
        raise make_template_error(path, f"{type(error).__name__}: {error}") from error
    return blueprint


def _make_blueprint(name: str, content: Mapping[str, Any]) -> Blueprint:
    return Blueprint(
        name=name,
        title=content["title"],
        components={Component(key): _make_component(key, value) for key, value in content["components"].items()},
        volumes={key: _make_volume(key, value) for key, value in content["volumes"].items()},
        jobs={JobProgram(key): _make_job(key, value) for key, value in content["jobs"].items()},
        objects=tuple(sorted(map(_make_object, content["objects"]), key=lambda entry: entry.file)),
        backup_method=JobProgram(content["backup_method"]),
        images=content["images"],
        security={key: _make_security(**value) for key, value in content["security"].items()},
        data=read_declaration(content["data"], content["volumes"]),
    )


def _make_object(entry: str | Mapping[str, str]) -> ObjectDeclaration:
    return ObjectDeclaration(file=entry) if isinstance(entry, str) else ObjectDeclaration(**entry)


def _make_component(name: str, entry: Mapping[str, Any]) -> ComponentDeclaration:
    return ComponentDeclaration(
        component=Component(name),
        workload_kind=entry["kind"],
        workload_name=entry["name"],
        container=entry["container"],
        service=entry.get("service"),
        port=entry.get("port"),
    )


def _make_volume(name: str, entry: Mapping[str, Any]) -> VolumeDeclaration:
    return VolumeDeclaration(
        name=name,
        claim=entry["claim"],
        volume_class=DataClass(entry["class"]),
        size=entry["size"],
        sub_path=entry["sub_path"],
    )


def _make_job(name: str, entry: Mapping[str, Any]) -> JobDeclaration:
    return JobDeclaration(
        program=JobProgram(name),
        template=entry["template"],
        container=entry["container"],
        plan_container=entry["resources"],
    )


def _make_security(
    *, reason: str, user: int | None = None, read_only: bool = False, add: tuple[str, ...] = ()
) -> dict[str, object]:
    """Return a container's securityContext. `user`: None is the image's own. `reason`: for the reader of the file."""
    if not reason:
        raise ValueError("security: say why")
    context: dict[str, object] = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": read_only}
    context["capabilities"] = {"drop": ["ALL"]} | ({"add": list(add)} if add else {})
    if user is not None:
        context["runAsUser"] = user
        context["runAsNonRoot"] = user != 0
    return context


def _check(blueprint: Blueprint, folder: Path) -> None:
    """Raise ValueError for a declaration that could not be applied."""
    files = [entry.file for entry in blueprint.objects]
    if len(set(files)) != len(files):
        raise ValueError("objects: each file once")
    unknown = {entry.when for entry in blueprint.objects} - FEATURES - {None}
    if unknown:
        raise ValueError(f"objects: no such features: {sorted(map(str, unknown))}")
    wanted = set(files) | {job.template for job in blueprint.jobs.values()}
    present = {str(path.relative_to(folder)) for path in folder.glob("*/*.yaml")}
    if wanted != present:
        raise ValueError(f"files that are not declared, or not there: {sorted(wanted ^ present)}")
    if blueprint.backup_method not in blueprint.jobs:
        raise ValueError("backup_method: not one of the jobs")
    if {job.plan_container for job in blueprint.jobs.values()} - set(CONTAINERS):
        raise ValueError(f"jobs: resources are those of {', '.join(CONTAINERS)}")
    if {volume.size for volume in blueprint.volumes.values()} - set(Plan.__slots__):
        raise ValueError("volumes: size is a field of the plan")
