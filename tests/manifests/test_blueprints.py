"""A second kind of instance is a folder: no line of code knows its objects."""

import shutil
from pathlib import Path

import pytest

from domain.cluster import ClusterSettings
from domain.data_sets import DataClass
from domain.errors import CiviparoisseError, NotFound
from domain.specs import Component, JobProgram, Release
from manifests.blueprints import TEMPLATES, list_blueprints, load_blueprint
from manifests.context import make_context
from manifests.instance import make_instance_objects
from manifests.jobs import make_job_object
from manifests.render import load_template
from tests.manifests.cases import TLS, get_key, make_case_spec, make_cases, make_job, select_object

NAME = "civiparoisse-1"
TINY = {
    "blueprint.yaml": """
format: 1
title: One container for everything
components:
  db: {kind: Deployment, name: all-in-one, container: all}
  httpd: {kind: Deployment, name: all-in-one, container: all, service: web, port: 8080}
volumes:
  data: {claim: data, class: required, size: files_volume_bytes, sub_path: data}
data:
  databases:
    wiki: {class: required, loss: {en: Its pages., fr: Ses pages.}}
  trees:
    uploads: {volume: data, path: /data, class: optional, copied: cold, loss: {en: Pictures., fr: Des images.}}
jobs:
  backup: {template: jobs/save.yaml, container: save, resources: backup}
backup_method: backup
images: {all: "example.org/all:1"}
security:
  all: {reason: It needs nothing., user: 1000, read_only: true}
objects:
  - parts/30-deployment.yaml
  - parts/10-namespace.yaml
  - parts/20-config.yaml
  - {file: parts/40-ingress.yaml, when: ingress-ingress}
""",
    "parts/10-namespace.yaml": """
apiVersion: v1
kind: Namespace
metadata:
  name: {{ instance.namespace }}
""",
    "parts/20-config.yaml": """
apiVersion: v1
kind: ConfigMap
metadata:
  name: site
  namespace: {{ instance.namespace }}
data:
  name: {{ site.parish_name }}
""",
    "parts/30-deployment.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: all-in-one
  namespace: {{ instance.namespace }}
spec:
  replicas: {{ replicas.httpd }}
  selector:
    matchLabels: {app: all}
  template:
    metadata:
      labels: {app: all}
    spec:
      containers:
        - name: all
          image: {{ images.all }}
          envFrom:
            - configMapRef: {name: site}
          resources: {{ resources.httpd }}
          securityContext: {{ security.all }}
""",
    "parts/40-ingress.yaml": """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: {{ instance.namespace }}
spec:
  ingressClassName: {{ ingress.class }}
""",
    "jobs/save.yaml": """
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ job.name }}
  namespace: {{ instance.namespace }}
spec:
  activeDeadlineSeconds: {{ job.deadline_seconds }}
  template:
    metadata:
      labels: {app: save}
    spec:
      restartPolicy: Never
      containers:
        - name: save
          image: {{ images.all }}
          resources: {{ resources.backup }}
""",
}


def _write(root: Path, files: dict[str, str], name: str = "tiny-1") -> None:
    for file, text in files.items():
        path = root / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_second_kind_of_instance_needs_no_code(tmp_path: Path) -> None:
    _write(tmp_path, TINY)
    assert list_blueprints(tmp_path) == ("tiny-1",)
    release = Release(name="1", images={"all": "example.org/all:2"}, versions={}, blueprint="tiny-1")
    spec = make_case_spec(release=release)
    objects = make_instance_objects(spec, ClusterSettings(), tls=TLS, root=tmp_path)
    assert [get_key(one)[0] for one in objects] == ["Namespace", "ConfigMap", "Deployment"]
    deployment = select_object(objects, "Deployment", "all-in-one")
    template = deployment["spec"]["template"]
    assert template["spec"]["containers"][0]["image"] == "example.org/all:2"
    assert template["spec"]["containers"][0]["securityContext"]["runAsUser"] == 1000
    assert template["metadata"]["annotations"] and template["metadata"]["labels"]["app"] == "all"
    job = make_job_object(spec, make_job(JobProgram.BACKUP), ClusterSettings(), tls=TLS, root=tmp_path)
    assert job["spec"]["template"]["spec"]["containers"][0]["name"] == "save"
    with pytest.raises(NotFound):
        make_job_object(spec, make_job(JobProgram.INIT), ClusterSettings(), tls=TLS, root=tmp_path)


def test_the_declaration_of_ours_says_what_it_is_made_of() -> None:
    blueprint = load_blueprint(NAME)
    assert list_blueprints() == (NAME,)
    assert set(blueprint.components) == set(Component)
    assert set(blueprint.jobs) == set(JobProgram)
    assert blueprint.backup_method is JobProgram.BACKUP
    classes = {name: volume.volume_class for name, volume in blueprint.volumes.items()}
    assert classes == {
        "db": DataClass.REQUIRED,
        "files": DataClass.REQUIRED,
        "private": DataClass.REQUIRED,
        "backups": DataClass.RECOMMENDED,
    }


def test_what_it_declares_is_what_its_templates_make() -> None:
    blueprint = load_blueprint(NAME)
    spec, cluster = make_cases()["default"]
    objects = make_instance_objects(spec, cluster, tls=TLS)
    keys = {get_key(one) for one in objects}
    for component in blueprint.components.values():
        assert (component.workload_kind, component.workload_name) in keys
        if component.service:
            service = select_object(objects, "Service", component.service)
            assert [one["port"] for one in service["spec"]["ports"]] == [component.port]
    claims = {name for kind, name in keys if kind == "PersistentVolumeClaim"}
    assert {volume.claim for volume in blueprint.volumes.values()} == claims


def test_no_name_that_templates_may_use_is_used_by_none() -> None:
    blueprint = load_blueprint(NAME)
    spec, cluster = make_cases()["default"]
    context = make_context(spec, cluster, tls=TLS, blueprint=blueprint)
    folder = TEMPLATES / NAME
    paths = [path for path in folder.glob("*/*.yaml")]
    used = set().union(*(load_template(path).names for path in paths))
    assert used == {*context, "quota", "job"}
    text = "".join(path.read_text() for path in paths)
    nested = [
        f"{name}.{key}" for name in ("site", "mail", "policies", "ingress", "cluster", "tls") for key in context[name]
    ]
    nested += [
        f"{name}.{key}" for name in ("images", "security", "volumes", "schedules", "suspend") for key in context[name]
    ]
    assert [name for name in nested if f"{{{{ {name} }}}}" not in text] == []


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("format: 1", "format: 2", "format 1 has exactly these keys"),
        ("title:", "titel:", "format 1 has exactly these keys"),
        ("class: required", "class: precious", "precious"),
        ("when: ingress-ingress", "when: moonlight", "moonlight"),
        ("backup_method: backup", "backup_method: verify", "not one of the jobs"),
        ("  - parts/20-config.yaml\n", "", "parts/20-config.yaml"),
        ("  - parts/20-config.yaml\n", "  - parts/20-config.yaml\n  - parts/20-config.yaml\n", "each file once"),
        ("parts/20-config.yaml", "parts/21-config.yaml", "parts/21-config.yaml"),
        ("resources: backup", "resources: lots", "resources are those of"),
        ("size: files_volume_bytes", "size: large", "a field of the plan"),
        ("reason: It needs nothing.", 'reason: ""', "say why"),
        ("  db: {", "  disk: {", "disk"),
        ("format: 1", "format: [", "YamlRefused"),
    ],
)
def test_a_wrong_declaration_is_refused(tmp_path: Path, before: str, after: str, reason: str) -> None:
    text = TINY["blueprint.yaml"]
    assert before in text
    _write(tmp_path, {**TINY, "blueprint.yaml": text.replace(before, after, 1)})
    with pytest.raises(CiviparoisseError) as raised:
        load_blueprint("tiny-1", tmp_path)
    assert raised.value.code == "template_invalid"
    assert reason in str(raised.value.params["reason"])


@pytest.mark.parametrize("name", ["other-1", "", "../k8s_templates/civiparoisse-1", "."])
def test_an_unknown_blueprint_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        load_blueprint(name)


def test_a_copy_of_ours_under_another_number_works(tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES / NAME, tmp_path / "civiparoisse-2")
    release = Release(name="2", images={}, versions={}, blueprint="civiparoisse-2")
    objects = make_instance_objects(make_case_spec(release=release), ClusterSettings(), tls=TLS, root=tmp_path)
    namespace = objects[0]["metadata"]
    assert namespace["annotations"]["civiparoisse.uepal.fr/blueprint"] == "civiparoisse-2"
