"""A server's pod template changes when what it reads changes, and only then."""

import dataclasses
from typing import Any

import pytest

from domain.cluster import ClusterSettings, TlsBundle
from domain.specs import Component, InstanceSpec
from manifests.instance import make_instance_objects
from manifests.labels import CHECKSUM_ANNOTATION
from tests.builders import make_plan, make_site
from tests.manifests.cases import TLS, make_case_spec, select_object


def _read_checksums(spec: InstanceSpec, tls: TlsBundle = TLS) -> dict[str, str]:
    objects = make_instance_objects(spec, ClusterSettings(), tls=tls)
    sets = {name: select_object(objects, "StatefulSet", f"paroisse-set-{name}") for name in ("db", "httpd")}
    return {name: one["spec"]["template"]["metadata"]["annotations"][CHECKSUM_ANNOTATION] for name, one in sets.items()}


def _list_restarted(**changes: Any) -> set[str]:
    tls = changes.pop("tls", TLS)
    before, after = _read_checksums(make_case_spec()), _read_checksums(make_case_spec(**changes), tls)
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("changes", "restarted"),
    [
        ({}, set()),
        ({"components": frozenset()}, set()),
        ({"components": frozenset({Component.DB})}, set()),
        ({"mail_enabled": False}, set()),
        ({"site": make_site("saint-jean")}, set()),
        ({"host": "www.elsewhere.example.org"}, {"httpd"}),
        ({"tls": dataclasses.replace(TLS, httpd_certificate="new")}, {"httpd"}),
        ({"tls": dataclasses.replace(TLS, httpd_key="new")}, {"httpd"}),
        ({"tls": dataclasses.replace(TLS, db_certificate="new")}, {"db"}),
        ({"tls": dataclasses.replace(TLS, ca_certificate="new")}, {"db", "httpd"}),
        ({"tls": dataclasses.replace(TLS, ca_key="new")}, set()),
    ],
)
def test_exactly_what_reads_it_restarts(changes: dict[str, Any], restarted: set[str]) -> None:
    assert _list_restarted(**changes) == restarted


def test_a_setting_of_apache_restarts_the_web_server() -> None:
    prefork = dataclasses.replace(make_plan().prefork, max_request_workers=8)
    assert _list_restarted(plan=make_plan(prefork=prefork)) == {"httpd"}
