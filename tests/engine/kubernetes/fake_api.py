"""A small API server in memory, for speed: objects, labels, pages, versions, patches; no controllers, no admission.

tests/cluster/ asks the real one the same things. Faults are set per call: `fault(method, path)` answers instead.
"""

import base64
import json
import re
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from engine.kubernetes.paths import PLURALS
from manifests.tls import make_tls_bundle

Object = dict[str, Any]
Answer = tuple[int, Object | str, dict[str, str]]
KINDS = {plural: kind for kind, plural in PLURALS.items()}
PATH = re.compile(
    r"/(?:api|apis)/(?P<api>(?:[^/]+/)?v[^/]+)(?:/namespaces/(?P<ns>[^/]+)(?=/.))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>.+))?"
)
TOKEN = "a-token-that-must-not-show"


class FakeApi:
    """What the server holds. `calls`: (method, path) of every request, in order. `logs`: pod -> its log."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str], Object] = {}
        self.calls: list[tuple[str, str]] = []
        self.hosts: list[str] = []
        self.agents: list[str] = []
        self.logs: dict[str, str] = {}
        self.pages: dict[str, str] = {}
        self.metrics: list[Object] | None = None
        self.fault: Callable[[str, str], Answer | None] = lambda _method, _path: None
        self.version = 100
        self.lock = threading.Lock()
        self.kubeconfig = ""

    # --- What tests set and read ------------------------------------------------------------------------------

    def get(self, kind: str, name: str, namespace: str = "") -> Object:
        """Return an object that must be there."""
        return self.objects[kind, namespace, name]

    def put(self, object_: Object) -> Object:
        """Put an object there as it is, with a new version."""
        metadata = object_.setdefault("metadata", {})
        self.version += 1
        metadata["resourceVersion"] = str(self.version)
        metadata.setdefault("uid", f"uid-{self.version}")
        metadata.setdefault("creationTimestamp", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
        self.objects[object_["kind"], metadata.get("namespace", ""), metadata["name"]] = object_
        return object_

    def count(self, method: str, part: str = "") -> int:
        """Return how many calls of a method had `part` in their path."""
        return sum(1 for called, path in self.calls if called == method and part in path)

    # --- HTTP -------------------------------------------------------------------------------------------------

    def answer(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Return (status, document or text, headers)."""
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.calls.append((method, target))
        self.hosts.append(headers.get("host", ""))
        self.agents.append(headers.get("user-agent", ""))
        if fault := self.fault(method, target):
            return fault
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return status(401, "Unauthorized")
        if url.path == "/apis/metrics.k8s.io/v1beta1/pods":
            return status(404, "NotFound") if self.metrics is None else (200, {"items": self.metrics}, {})
        found = PATH.fullmatch(url.path)
        assert found is not None, target
        kind, place, name = KINDS[found["plural"]], found["ns"] or "", found["name"] or ""
        if found["plural"] == "namespaces" or kind == "Namespace":
            place = ""
        with self.lock:
            if found["sub"]:
                return self._read_sub(found["sub"], name)
            content = json.loads(body) if body else {}
            if method == "GET":
                return self._get(kind, place, name) if name else self._list(kind, place, query)
            if method == "POST":
                return self._create(kind, place, content)
            if method == "PATCH":
                return self._patch(kind, place, name, content, apply="apply-patch" in headers["content-type"])
            return self._delete(kind, place, name, query)

    def _read_sub(self, sub: str, name: str) -> Answer:
        if sub == "log":
            return (200, self.logs[name], {}) if name in self.logs else status(400, "BadRequest")
        return (200, self.pages[name], {}) if name in self.pages else status(503, "ServiceUnavailable")

    def _get(self, kind: str, place: str, name: str) -> Answer:
        found = self.objects.get((kind, place, name))
        return (200, found, {}) if found else status(404, "NotFound")

    def _select(self, kind: str, place: str, query: dict[str, str]) -> list[Object]:
        wanted = dict(pair.split("=", 1) for pair in query.get("labelSelector", "").split(",") if pair)
        return [
            one
            for (found, namespace, _name), one in sorted(self.objects.items())
            if found == kind
            and place in ("", namespace)
            and wanted.items() <= (one["metadata"].get("labels") or {}).items()
        ]

    def _list(self, kind: str, place: str, query: dict[str, str]) -> Answer:
        found = self._select(kind, place, query)
        first, limit = int(query.get("continue", 0)), int(query.get("limit", 500))
        items = [{name: one[name] for name in one if name not in ("apiVersion", "kind")} for one in found]
        page: Object = {"items": items[first : first + limit], "metadata": {}}
        if first + limit < len(found):
            page["metadata"]["continue"] = str(first + limit)
        return 200, page, {}

    def _create(self, kind: str, place: str, content: Object) -> Answer:
        name = content["metadata"]["name"]
        if place and ("Namespace", "", place) not in self.objects:
            return status(404, "NotFound")
        if (kind, place, name) in self.objects:
            return status(409, "AlreadyExists")
        return 201, self.put(content), {}

    def _patch(self, kind: str, place: str, name: str, content: Object, *, apply: bool) -> Answer:
        present = self.objects.get((kind, place, name))
        if present is None:
            return self._create(kind, place, content) if apply else status(404, "NotFound")
        version = content.get("metadata", {}).pop("resourceVersion", None)
        if version not in (None, present["metadata"]["resourceVersion"]):
            return status(409, "Conflict")
        merged = merge(present, content)
        if merged == present:
            return 200, present, {}
        merged["metadata"]["generation"] = merged["metadata"].get("generation", 1) + 1
        return 200, self.put(merged), {}

    def _delete(self, kind: str, place: str, name: str, query: dict[str, str]) -> Answer:
        keys = [(kind, place, name)]
        if not name:
            keys = [(kind, place, one["metadata"]["name"]) for one in self._select(kind, place, query)]
        if kind == "Namespace":
            keys += [key for key in self.objects if key[1] == name]
        gone = [self.objects.pop(key, None) for key in keys]
        return (200, {"kind": "Status"}, {}) if any(gone) or not name else status(404, "NotFound")


def merge(present: Object, change: Object) -> Object:
    """Return RFC 7386's merge."""
    merged = dict(present)
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def status(code: int, reason: str, message: str = "", **details: Any) -> Answer:
    """Return a failure as the API server words it."""
    content = {"kind": "Status", "code": code, "reason": reason, "message": message, "details": details}
    return code, content, {}


@contextmanager
def running_api() -> Iterator[FakeApi]:
    """Context: the server on a port of its own, with TLS; its kubeconfig leads to it."""
    api = FakeApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            code, content, headers = api.answer(
                self.command, self.path, body, {name.lower(): value for name, value in self.headers.items()}
            )
            data = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            self.send_response(code)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names that http.server calls

        def log_message(self, *_arguments: Any) -> None:
            """Nothing on the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bundle = make_tls_bundle("fake", "127.0.0.1", now=datetime.now(UTC))
    with tempfile.TemporaryDirectory() as directory:
        chain, key = Path(directory, "crt"), Path(directory, "key")
        chain.write_text(bundle.httpd_certificate)
        key.write_text(bundle.httpd_key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    api.kubeconfig = make_kubeconfig(server.server_port, bundle.ca_certificate)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_kubeconfig(port: int, authority: str, *, token: str = TOKEN) -> str:
    """Return a kubeconfig that leads to 127.0.0.1."""
    encoded = base64.b64encode(authority.encode()).decode()
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority-data": encoded}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "tests",
            "contexts": [{"name": "tests", "context": {"cluster": "there", "user": "manager"}}],
            "clusters": [{"name": "there", "cluster": cluster}],
            "users": [{"name": "manager", "user": {"token": token}}],
        }
    )
