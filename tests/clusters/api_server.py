"""A small HTTPS server that answers as a cluster's API does, for looks that need no cluster. Answers are documents."""

import base64
import json
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from manifests.labels import POD_SECURITY_LABEL
from manifests.tls import make_tls_bundle

TOKEN = "a-secret-token"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def name_object(name: str, **content: Any) -> dict[str, Any]:
    """Return an object of a list, with its name."""
    metadata = {"name": name, "annotations": content.pop("annotations", {}), "labels": content.pop("labels", {})}
    return {"metadata": metadata, **content}


def make_answers() -> dict[str, Any]:
    """Return what a cluster with everything answers, by path."""
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    fast = {"provisioner": "disk.example.org", "reclaimPolicy": "Delete", "allowVolumeExpansion": True}
    return {
        "/version": {"major": "1", "minor": "36+", "gitVersion": "v1.36.3"},
        "/apis/storage.k8s.io/v1/storageclasses": {
            "items": [
                name_object("fast", annotations=default, volumeBindingMode="WaitForFirstConsumer", **fast),
                name_object("kept", provisioner="disk.example.org", reclaimPolicy="Retain"),
            ]
        },
        "/apis/traefik.io/v1alpha1": {"resources": [{"name": "ingressroutes"}, {"name": "serverstransports"}]},
        "/apis/gateway.networking.k8s.io/v1": {
            "resources": [{"name": name} for name in ("httproutes", "backendtlspolicies", "listenersets")]
        },
        "/apis/gateway.networking.k8s.io/v1/namespaces/gateway/gateways/civiparoisse": name_object(
            "civiparoisse", spec={"allowedListeners": {"namespaces": {"from": "All"}}}
        ),
        "/apis/cert-manager.io/v1": {"resources": [{"name": "certificates"}]},
        "/apis/cert-manager.io/v1/clusterissuers/letsencrypt": name_object(
            "letsencrypt", status={"conditions": [{"type": "Ready", "status": "True"}]}
        ),
        # What is there, and what a namespace made for trial comes back as.
        "/api/v1/namespaces": {
            "items": [name_object("saint-paul", labels={POD_SECURITY_LABEL: "baseline"})],
            "metadata": {"labels": {POD_SECURITY_LABEL: "baseline"}},
        },
        "/apis/networking.k8s.io/v1/ingressclasses": {"items": [name_object("nginx")]},
        "/api/v1/namespaces/traefik/pods": {"items": [name_object("traefik-1")]},
        "/apis/metrics.k8s.io/v1beta1": {"resources": [{"name": "pods"}]},
        "/apis/apps/v1/daemonsets": {"items": [name_object("kube-proxy"), name_object("cilium")]},
    }


class ApiServer:
    """`answers`: by path, a document, or a number for that HTTP status. `denied`: (verb, resource) not allowed.
    `asked`: every "METHOD path" in order; the token of each request is checked."""

    def __init__(self, place: Path) -> None:
        self.answers = make_answers()
        self.denied: set[tuple[str, str]] = set()
        self.asked: list[str] = []
        self.is_administrator = False
        self._lock = threading.Lock()
        bundle = make_tls_bundle("tests", "127.0.0.1", now=datetime.now(UTC))
        self.authority = bundle.ca_certificate
        certificate = place / "server.pem"
        certificate.write_text(bundle.httpd_certificate + bundle.httpd_key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(self))
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def make_kubeconfig(self, *, token: str = TOKEN) -> str:
        """Return a kubeconfig of the manager's account here."""
        port = self._server.server_address[1]
        authority = base64.b64encode(self.authority.encode()).decode()
        cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority-data": authority}
        return yaml.safe_dump(
            {
                "current-context": "main",
                "contexts": [{"name": "main", "context": {"cluster": "here", "user": "manager"}}],
                "clusters": [{"name": "here", "cluster": cluster}],
                "users": [{"name": "manager", "user": {"token": token}}],
            }
        )

    def start(self) -> None:
        """Serve until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port and wait for the thread."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, method: str, path: str, token: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Return (HTTP status, document)."""
        with self._lock:
            self.asked.append(f"{method} {path}")
        if token != f"Bearer {TOKEN}":
            return 401, {"kind": "Status", "code": 401}
        if path == REVIEW:
            asked = body["spec"]["resourceAttributes"]
            allowed = (asked["verb"], asked["resource"]) not in self.denied and asked["resource"] != "*"
            return 201, {**body, "status": {"allowed": allowed or (asked["resource"] == "*" and self.is_administrator)}}
        known = self.answers.get(path, 404)
        done = 201 if method == "POST" else 200
        return (
            (known, {"kind": "Status", "status": "Failure", "code": known}) if isinstance(known, int) else (done, known)
        )


@contextmanager
def serve_api() -> Iterator[ApiServer]:
    """Give a running server."""
    with tempfile.TemporaryDirectory() as place:
        server = ApiServer(Path(place))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _make_handler(api: ApiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: the other end would wait for more before it acknowledges the first.
        wbufsize = -1

        def do_GET(self) -> None:
            self._respond({})

        def do_POST(self) -> None:
            self._respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _respond(self, body: dict[str, Any]) -> None:
            path, token = urlsplit(self.path).path, self.headers.get("Authorization", "")
            status, document = api.answer(self.command, path, token, body)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    return Handler
