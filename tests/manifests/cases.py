"""Instances and clusters that the golden files show: the default one, and one for every option."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from domain.closed_page import ClosedPage
from domain.cluster import ClusterSettings, IngressKind, TlsBundle
from domain.specs import ALL_COMPONENTS, Component, InstanceKind, InstanceSpec, JobProgram, JobSpec, MailServer
from manifests.instance import make_instance_objects
from manifests.jobs import make_job_object
from tests.builders import make_site, make_spec

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[2]
DEFAULT = "default"
BACKUP_ID = "20261121T080000Z-5f3a9c"
# Texts instead of certificates: real ones are new each time, and a golden file must hold no key.
TLS = TlsBundle(
    ca_certificate="the authority's certificate\n",
    ca_key="the authority's key\n",
    db_certificate="the database's certificate\n",
    db_key="the database's key\n",
    httpd_certificate="the page's certificate\n",
    httpd_key="the page's key\n",
)
CLOSED = ClosedPage(
    page="<!doctype html><p>Le site revient vers 14:32.",
    late_page="<!doctype html><p>C’est plus long.",
    back_at=datetime(2026, 11, 30, 13, 31, tzinfo=UTC),
)
SMTP = MailServer(host="smtp.example.org", port=587, user="saint-paul", password="smtp-password-'\"$")
IMAP = MailServer(host="imap.example.org", port=993, user="saint-paul", password="imap-password", folder="INBOX/x")

EXTERNAL_DNS = {"external-dns.alpha.kubernetes.io/target": "in.example.org"}

Objects = list[dict[str, Any]]


def read_example(name: str) -> dict[str, str]:
    """Return the annotations of a way in that the documentation gives as an example."""
    settings = yaml.safe_load((ROOT / "deploy" / "clusters" / f"{name}.yaml").read_text())["settings"]
    annotations: dict[str, str] = settings["ingress_annotations"]
    return annotations


def make_case_spec(identifier: str = "saint-paul", **changes: Any) -> InstanceSpec:
    """Return a spec of the cast whose parish has mail servers."""
    tenant = changes.get("tenant", identifier.removesuffix("-sandbox"))
    return make_spec(identifier, **{"site": make_site(tenant, smtp=SMTP, imap=IMAP), **changes})


def make_cases() -> dict[str, tuple[InstanceSpec, ClusterSettings]]:
    """Return every case by the name of its golden file."""
    spec, cluster = make_case_spec(), ClusterSettings()

    def on(**changes: Any) -> tuple[InstanceSpec, ClusterSettings]:
        return spec, dataclasses.replace(cluster, **changes)

    return {
        DEFAULT: (spec, cluster),
        "suspended": (make_case_spec(components=frozenset()), cluster),
        # While a restore is at work: the database alone runs, and a page stands in for the site.
        "closed": (make_case_spec(components=frozenset({Component.DB}), closed_page=CLOSED), cluster),
        "cron-off": (make_case_spec(components=ALL_COMPONENTS - {Component.CRON}), cluster),
        "mail-off": (make_case_spec(mail_enabled=False), cluster),
        "no-mail-servers": (make_case_spec(site=make_site("saint-paul")), cluster),
        "sandbox": (make_case_spec("saint-paul-sandbox", kind=InstanceKind.SANDBOX, mail_enabled=False), cluster),
        "ingress-none": on(ingress_kind=IngressKind.NONE),
        "ingress-standard": on(
            ingress_kind=IngressKind.INGRESS,
            ingress_class="nginx",
            ingress_namespace="ingress-nginx",
            ingress_pod_labels={"app.kubernetes.io/name": "ingress-nginx"},
            ingress_annotations=read_example("ingress-nginx"),
            ingress_tls_secret="wildcard",
        ),
        # The controller is no pod: it comes from the networks that the load balancer is in.
        "ingress-alb": on(
            ingress_kind=IngressKind.INGRESS,
            ingress_class="alb",
            ingress_cidrs=("10.0.0.0/20", "10.0.16.0/20"),
            ingress_annotations=read_example("alb"),
        ),
        # The host's own certificate, by each way in; external-dns reads its annotations there too.
        "tls-traefik": on(tls_issuer="letsencrypt", ingress_annotations=EXTERNAL_DNS),
        "tls-traefik-secret": on(ingress_tls_secret="wildcard"),
        "tls-ingress": on(ingress_kind=IngressKind.INGRESS, tls_issuer="letsencrypt", ingress_annotations=EXTERNAL_DNS),
        "tls-gateway": on(ingress_kind=IngressKind.GATEWAY, tls_issuer="letsencrypt", ingress_annotations=EXTERNAL_DNS),
        "ingress-gateway": on(ingress_kind=IngressKind.GATEWAY, gateway_section="https"),
        "ingress-traefik-2": on(
            traefik_api_group="traefik.containo.us/v1alpha1", traefik_entry_points=("web", "secure")
        ),
        "host-network": on(ingress_cidrs=("192.0.2.0/24",), dns_cidrs=("169.254.20.10/32",), internal_cidrs=()),
        "storage-class": on(storage_class="csi-cinder-high-speed"),
        "priority": on(priority_class="parishes"),
        "no-spread": on(spread_instances=False),
        "image-pull": on(
            image_pull_policy="Always", image_pull_config='{"auths":{"registry.example.org":{"auth":"x"}}}'
        ),
    }


def make_case_objects(name: str) -> Objects:
    """Return the objects of one case."""
    spec, cluster = make_cases()[name]
    return make_instance_objects(spec, cluster, tls=TLS)


def make_job(program: JobProgram, **changes: Any) -> JobSpec:
    """Return one run as operations ask for it: an upper-case identifier of the backup in its name."""
    job = JobSpec(
        name=f"{program.value}-{BACKUP_ID}-0a1b2c3d",
        program=program,
        environment={"BACKUP_ID": BACKUP_ID},
        deadline_seconds=3600,
        set_of="saint-paul" if program in {JobProgram.VERIFY, JobProgram.RESTORE} else None,
    )
    return dataclasses.replace(job, **changes)


def make_job_objects() -> Objects:
    """Return one Job of every program."""
    spec, cluster = make_cases()[DEFAULT]
    return [make_job_object(spec, make_job(program), cluster, tls=TLS) for program in JobProgram]


def get_key(object_: dict[str, Any]) -> tuple[str, str]:
    """Return what names an object in its namespace."""
    return object_["kind"], object_["metadata"]["name"]


def select_object(objects: Objects, kind: str, name: str) -> dict[str, Any]:
    """Return the one object of that kind and name."""
    (found,) = (one for one in objects if get_key(one) == (kind, name))
    return found


def list_changed(objects: Objects, default: Objects) -> Iterator[dict[str, Any]]:
    """Yield the objects that are not among the default ones, whole."""
    yield from (one for one in objects if one not in default)
