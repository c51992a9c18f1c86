"""Frozen values that say how the objects of an instance are made: a cluster's settings, certificates, blueprints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.data_sets import DataClass, DataDeclaration
from domain.specs import Component, JobProgram

# Networks that no parish calls outside of its namespace: private ones hold pods, services, machines and, at
# 169.254.169.254, the provider's credentials (RFC 1918, 3927, 4193, 4291, 6598).
INTERNAL_NETWORKS = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
    "fe80::/10",
)


class IngressKind(StrEnum):
    """What leads from outside to an instance's page."""

    TRAEFIK = "traefik"
    INGRESS = "ingress"
    GATEWAY = "gateway"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """What differs between clusters. Every field has the default of UEPAL's own chart where it has one.

    `manager`: the mark on namespaces that this manager makes, a label's value; of several managers on one cluster each
    has its own. `storage_class`: None is the cluster's default class. `ingress_class`: of the standard Ingress, None is
    the cluster's default. `ingress_annotations`: of what leads to the page, whatever its kind (Ingress, IngressRoute,
    HTTPRoute); `{host}` and `{namespace}` are filled in.
    `ingress_tls_secret`: name of a Secret in the instance's namespace with the page's public certificate; None is the
    controller's default one. `tls_issuer`: name of cert-manager's ClusterIssuer that makes such a certificate for each
    host, "" makes none.
    `ingress_namespace`, `ingress_pod_labels`: the controller's pods, which alone may reach the page;
    `ingress_cidrs`: networks that may too (a controller on its host's network has the node's address).
    `ingress_address`: "host" or "host:port" where the controller answers visitors, to read pages as they do; empty
    reads them from inside of the cluster.
    `gateway_name`, `gateway_namespace`, `gateway_section`: the Gateway that routes hang on; the section is optional.
    `dns_cidrs`: addresses of a node-local DNS cache, when there is one. `internal_cidrs`: networks that no parish may
    call. `image_pull_config`: a registry's account as a `.dockerconfigjson` document, None when images need none.
    `priority_class`: of every pod, None is the cluster's default. `spread_instances`: prefer a node with few others.
    `deletion_grace_seconds`: how long a deletion can be undone once everything is stopped; 0 purges at once.
    `most_nodes`: how many nodes an autoscaler makes at most; 0: there is none.
    `image_mirror`: what stands in the place of every image's registry, "" pulls from the registries themselves.
    `image_digests`: reference, as release or blueprint name it -> the digest that it is pulled by.
    """

    manager: str = ""
    storage_class: str | None = None
    ingress_kind: IngressKind = IngressKind.TRAEFIK
    ingress_class: str | None = None
    ingress_annotations: Mapping[str, str] = field(default_factory=dict)
    ingress_tls_secret: str | None = None
    tls_issuer: str = ""
    ingress_namespace: str = "traefik"
    ingress_pod_labels: Mapping[str, str] = field(default_factory=lambda: {"app.kubernetes.io/name": "traefik"})
    ingress_cidrs: tuple[str, ...] = ()
    ingress_address: str = ""
    traefik_api_group: str = "traefik.io/v1alpha1"
    traefik_entry_points: tuple[str, ...] = ("websecure",)
    gateway_name: str = "civiparoisse"
    gateway_namespace: str = "gateway"
    gateway_section: str | None = None
    dns_namespace: str = "kube-system"
    dns_pod_labels: Mapping[str, str] = field(default_factory=lambda: {"k8s-app": "kube-dns"})
    dns_cidrs: tuple[str, ...] = ()
    internal_cidrs: tuple[str, ...] = INTERNAL_NETWORKS
    image_pull_policy: str = "IfNotPresent"
    image_pull_config: str | None = field(default=None, repr=False)
    priority_class: str | None = None
    spread_instances: bool = True
    deletion_grace_seconds: int = 3 * 24 * 3600
    most_nodes: int = 0
    image_mirror: str = ""
    image_digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TlsBundle:
    """The certificates of one instance and their keys, PEM texts: its CA, the database's, the page's."""

    ca_certificate: str
    ca_key: str
    db_certificate: str
    db_key: str
    httpd_certificate: str
    httpd_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentDeclaration:
    """How a component exists on a cluster. `workload`: kind and name of what runs it. `service`, `port`: where it
    answers, None when it answers nowhere. `container`: the one whose state and log are the component's."""

    component: Component
    workload_kind: str
    workload_name: str
    container: str
    service: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeDeclaration:
    """A claim of the blueprint. `size`: the field of Plan with its bytes. `sub_path`: the directory of the volume that
    is mounted (its root may hold lost+found, docs/traps.md#lostfound)."""

    name: str
    claim: str
    volume_class: DataClass
    size: str
    sub_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDeclaration:
    """A program that runs in a pod. `template`: its file; a CronJob's gives the Job its own template.
    `container`: the one that runs the program. `plan_container`: whose resources it has."""

    program: JobProgram
    template: str
    container: str
    plan_container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDeclaration:
    """A template of the instance's objects. `when`: the feature it belongs to (manifests.features), None: always."""

    file: str
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """One kind of instance: which objects, from which templates. `name` is its folder's; a change that running
    instances could not take is a new folder with a new number. `objects`: in the order of application.

    `backup_method`: the program that makes its backups. `images`: role -> reference unless the release has another.
    `security`: container -> its securityContext; the declaration says why each is as it is. `data`: what a backup
    holds.
    """

    name: str
    title: str
    components: Mapping[Component, ComponentDeclaration]
    volumes: Mapping[str, VolumeDeclaration]
    jobs: Mapping[JobProgram, JobDeclaration]
    objects: tuple[ObjectDeclaration, ...]
    backup_method: JobProgram
    images: Mapping[str, str]
    security: Mapping[str, Mapping[str, object]]
    data: DataDeclaration
