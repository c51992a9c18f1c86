"""Read an instance's page as a visitor would, and look for the parish's name.

By default through the API server, which reaches a Service from inside of the cluster (it does not verify the page's
certificate); with the ingress' address, by TLS to that address, with the host's name, as a visitor's browser does.
"""

import html
import re
import ssl
import time
from typing import Any

import urllib3

from domain.errors import CiviparoisseError
from domain.specs import Component, InstanceSpec, ProbeResult
from engine.access_log import MANAGER_AGENT
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ApiCall, ObjectMissing
from engine.kubernetes.paths import Reference, make_path
from manifests.blueprints import load_blueprint

PAGE_SECONDS = 15.0
PAGE_BYTES = 512 * 1024
SHOWN_LENGTH = 200


def probe_service(client: ClusterClient, spec: InstanceSpec) -> ProbeResult:
    """Read the page through the API server's proxy to the instance's Service."""
    declared = load_blueprint(spec.release.blueprint).components[Component.HTTPD]
    service = f"https:{declared.service}:{declared.port}"
    path = make_path(Reference("v1", "Service", spec.identifier, service)) + "/proxy/"
    call = ApiCall(verb="get", resource="services/proxy", name=str(declared.service), instance=spec.identifier)
    started = time.monotonic()
    try:
        text = client.read_text(path, call, query={}, host=spec.host)
    except ObjectMissing:
        return ProbeResult(ok=False, seconds=time.monotonic() - started, detail="it has no page")
    except CiviparoisseError as error:
        if not error.retryable:
            raise
        return ProbeResult(ok=False, seconds=time.monotonic() - started, detail=str(error.params.get("detail", "")))
    return judge_page(text, expected=spec.site.parish_name, seconds=time.monotonic() - started)


def probe_ingress(spec: InstanceSpec, address: str) -> ProbeResult:
    """Read the page at `address` ("host" or "host:port"), verified by the machine's own authorities for the host."""
    name, _separator, port = address.rpartition(":") if address.count(":") == 1 else (address, "", "443")
    started = time.monotonic()
    pool: Any = urllib3.HTTPSConnectionPool(
        name,
        int(port),
        timeout=urllib3.Timeout(total=PAGE_SECONDS),
        retries=False,
        ssl_context=ssl.create_default_context(),
        server_hostname=spec.host,
        assert_hostname=spec.host,
    )
    try:
        headers = {"Host": spec.host, "User-Agent": MANAGER_AGENT}
        answer = pool.request("GET", "/", headers=headers, preload_content=False, redirect=False)
        text = answer.read(PAGE_BYTES).decode(errors="replace")
    except (urllib3.exceptions.HTTPError, OSError) as error:
        detail = f"{address} does not answer for {spec.host}: {type(error).__name__}"
        return ProbeResult(ok=False, seconds=time.monotonic() - started, detail=detail)
    finally:
        pool.close()
    seconds = time.monotonic() - started
    if answer.status != 200:
        return ProbeResult(ok=False, seconds=seconds, detail=f"status {answer.status}")
    return judge_page(text, expected=spec.site.parish_name, seconds=seconds)


def judge_page(text: str, *, expected: str, seconds: float) -> ProbeResult:
    """Return whether the page shows the parish's name, however it is escaped."""
    shown = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
    if " ".join(expected.split()) in shown or expected in text:
        return ProbeResult(ok=True, seconds=seconds)
    return ProbeResult(
        ok=False, seconds=seconds, detail=f"the page does not show the parish's name: {shown[:SHOWN_LENGTH]}"
    )
