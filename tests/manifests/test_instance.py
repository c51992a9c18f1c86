"""What holds for every instance, whatever its options."""

import base64
import dataclasses
from typing import Any

import pytest

from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError
from domain.specs import ALL_COMPONENTS, Component, Release
from manifests.blueprints import load_blueprint
from manifests.instance import make_instance_objects, select_files
from manifests.workloads import find_pod_template, list_containers
from tests.builders import make_plan
from tests.manifests.cases import (
    DEFAULT,
    TLS,
    get_key,
    make_case_objects,
    make_case_spec,
    make_cases,
    make_job_objects,
    select_object,
)

# Capabilities that Pod Security's "baseline" lets a container add (kubernetes.io, "Pod Security Standards").
BASELINE = set(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID"
    " SYS_CHROOT".split()
)
# Cases whose pods differ.
EVERY = [DEFAULT, "suspended", "sandbox", "image-pull", "priority"]


def _list_pods(name: str) -> list[dict[str, Any]]:
    templates = map(find_pod_template, [*make_case_objects(name), *make_job_objects()])
    return [template["spec"] for template in templates if template is not None]


def test_the_namespace_comes_first_and_what_is_needed_before_what_needs_it() -> None:
    kinds = [one["kind"] for one in make_case_objects(DEFAULT)]
    assert kinds[0] == "Namespace"
    order = ["ResourceQuota", "ServiceAccount", "NetworkPolicy", "Secret", "ConfigMap", "PersistentVolumeClaim"]
    assert [kinds.index(kind) for kind in order] == sorted(kinds.index(kind) for kind in order)
    assert max(i for i, kind in enumerate(kinds) if kind in order) < kinds.index("StatefulSet")


@pytest.mark.parametrize("name", sorted(make_cases()))
def test_every_object_is_in_the_instance_s_namespace_and_there_once(name: str) -> None:
    objects = make_case_objects(name)
    namespace = objects[0]["metadata"]["name"]
    assert {one["metadata"]["namespace"] for one in objects[1:]} == {namespace}
    keys = [get_key(one) for one in objects]
    assert len(set(keys)) == len(keys)


def test_the_same_spec_gives_the_same_objects() -> None:
    assert make_case_objects(DEFAULT) == make_case_objects(DEFAULT)


@pytest.mark.parametrize(
    ("components", "replicas", "suspended"),
    [
        (ALL_COMPONENTS, (1, 1), False),
        (frozenset({Component.DB}), (1, 0), True),
        (frozenset({Component.DB, Component.HTTPD}), (1, 1), True),
        (frozenset(), (0, 0), True),
    ],
)
def test_components_decide_what_runs(
    components: frozenset[Component], replicas: tuple[int, int], suspended: bool
) -> None:
    objects = make_instance_objects(make_case_spec(components=components), ClusterSettings(), tls=TLS)
    sets = [select_object(objects, "StatefulSet", f"paroisse-set-{name}") for name in ("db", "httpd")]
    assert tuple(one["spec"]["replicas"] for one in sets) == replicas
    assert select_object(objects, "CronJob", "civicron")["spec"]["suspend"] is suspended


def test_suspending_removes_nothing() -> None:
    assert [get_key(one) for one in make_case_objects("suspended")] == [
        get_key(one) for one in make_case_objects(DEFAULT)
    ]


@pytest.mark.parametrize("name", EVERY)
def test_no_pod_has_more_rights_than_it_says_why(name: str) -> None:
    for pod in _list_pods(name):
        assert pod["automountServiceAccountToken"] is False and pod["enableServiceLinks"] is False
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"} & set(pod)
        assert "fsGroup" not in pod["securityContext"]
        assert all("hostPath" not in volume for volume in pod["volumes"])
        for container in list_containers(pod):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False and "privileged" not in context
            assert context["capabilities"]["drop"] == ["ALL"]
            assert set(context["capabilities"].get("add", ())) <= BASELINE
            assert container["resources"]["requests"] and container["resources"]["limits"]


def test_every_server_has_its_probes_and_every_router_gates_what_follows() -> None:
    routers = 0
    for object_ in make_case_objects(DEFAULT):
        template = find_pod_template(object_)
        for container in list_containers(template["spec"]) if template else ():
            if container["name"] == "dbrouter":
                routers += 1
                assert container["restartPolicy"] == "Always" and "startupProbe" in container
            elif object_["kind"] == "StatefulSet" and not container["name"].startswith("wait"):
                assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
    assert routers == 3


def test_volumes_are_mounted_below_their_root() -> None:
    claims = {volume.claim: volume.sub_path for volume in load_blueprint("civiparoisse-1").volumes.values()}
    for pod in _list_pods(DEFAULT):
        bound = {
            one["name"]: one["persistentVolumeClaim"]["claimName"]
            for one in pod["volumes"]
            if "persistentVolumeClaim" in one
        }
        for container in list_containers(pod):
            for mount in container.get("volumeMounts", ()):
                # Those two look after a file beside the data (programs/prepare.py), and say so in their path.
                if mount["name"] in bound and container["name"] in ("prepare", "inspect") and "subPath" not in mount:
                    assert mount["mountPath"].startswith("/volumes/")
                elif mount["name"] in bound:
                    assert mount["subPath"] == claims[bound[mount["name"]]]


def test_a_budget_never_holds_a_server_and_schedules_have_an_end() -> None:
    objects = make_case_objects(DEFAULT)
    selector = select_object(objects, "PodDisruptionBudget", "uninterrupted")["spec"]["selector"]["matchLabels"]
    for object_ in objects:
        template = find_pod_template(object_)
        assert template is None or not selector.items() <= template["metadata"]["labels"].items()
        if object_["kind"] == "CronJob":
            spec = object_["spec"]
            assert (spec["concurrencyPolicy"], spec["timeZone"]) == ("Forbid", "Europe/Paris")
            assert spec["startingDeadlineSeconds"] >= 10 and spec["jobTemplate"]["spec"]["activeDeadlineSeconds"]
            assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0


def test_secrets_are_sent_as_the_server_keeps_them() -> None:
    spec = make_case_spec()
    secret = select_object(make_case_objects(DEFAULT), "Secret", "secret")
    assert "stringData" not in secret
    decoded = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
    assert decoded == {
        "dbsecret": spec.secrets.db_password,
        "dbrootsecret": spec.secrets.db_root_password,
        "drupalAdminUser": spec.secrets.drupal_admin_user,
        "drupalAdminPassword": spec.secrets.drupal_admin_password,
    }


def test_the_release_s_images_go_before_the_blueprint_s() -> None:
    release = Release(name="2", images={"db": "registry.example.org/mysql@sha256:0"}, versions={})
    objects = make_instance_objects(make_case_spec(release=release), ClusterSettings(), tls=TLS)
    pods = [one["spec"]["template"]["spec"] for one in objects if one["kind"] == "StatefulSet"]
    images = {container["name"]: container["image"] for pod in pods for container in list_containers(pod)}
    assert images["db"] == "registry.example.org/mysql@sha256:0"
    assert images["https"] == "uepal_test/httpd:latest"


def test_a_plan_that_says_nothing_of_a_container_is_refused_by_its_name() -> None:
    containers = {name: value for name, value in make_plan().containers.items() if name != "db_router"}
    spec = make_case_spec(plan=dataclasses.replace(make_plan(), containers=containers))
    with pytest.raises(CiviparoisseError) as raised:
        make_instance_objects(spec, ClusterSettings(), tls=TLS)
    assert raised.value.code == "template_invalid" and "db_router" in raised.value.params["reason"]


def test_the_longest_identifier_fits_everywhere() -> None:
    identifier = "a" * 40 + "-verification"
    spec = make_case_spec(identifier, tenant="a" * 40)
    objects = make_instance_objects(spec, ClusterSettings(), tls=TLS)
    assert objects[0]["metadata"]["name"] == identifier
    with pytest.raises(CiviparoisseError) as raised:
        make_instance_objects(make_case_spec("a" * 64), ClusterSettings(), tls=TLS)
    assert "at most 63" in raised.value.params["reason"]


def test_files_are_chosen_by_features_in_the_order_of_their_numbers() -> None:
    blueprint = load_blueprint("civiparoisse-1")
    always = select_files(blueprint, frozenset())
    assert always == sorted(always) and always[0] == "instance/10-namespace.yaml"
    with_mail = select_files(blueprint, frozenset({"mail"}))
    assert set(with_mail) - set(always) == {"instance/26-policy-mail-out.yaml"}
