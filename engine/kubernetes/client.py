"""The connection to one cluster: one client of it per process, every call with a deadline, documents in and out.

Documents stay plain dicts: making the client library's models of every object of a thousand instances would take
minutes, and server-side apply would send their defaults as ours.
"""

import copy
import functools
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.errors import ClusterUnreachable
from engine.kubernetes.connection import Counter, make_api
from engine.kubernetes.errors import ApiCall, ListExpired, ObjectMissing, make_unreachable, translate, translating
from engine.kubernetes.ownership import NAMESPACE, Guard
from engine.kubernetes.pages import read_items
from engine.kubernetes.paths import PLURALS, Reference, make_collection_path, make_path

FIELD_MANAGER = "civiparoisse-manager"
CONNECT_SECONDS = 5
ANSWER_SECONDS = 30
STREAM_SECONDS = 60
PIECE_BYTES = 64 * 1024
# How long one call may wait, all together, where the API asks to come back (429, 503 with Retry-After).
PATIENCE_SECONDS = 10
PAGE = 500
NO_DOCUMENT = "the answer is no document of its API"
LIST_TRIES = 3
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a cluster. `kubeconfig`: its text; None is the service account of the pod we run in."""

    kubeconfig: str | None = field(default=None, repr=False)


class ClusterClient:
    """Calls the API of one cluster. `applied`: instance -> what this process applied last and when (monotonic); only
    saves questions (engine.kubernetes.lifecycle). `guard`: refuses what would change a namespace of somebody else's.

    Raise what engine.kubernetes.errors makes: ClusterUnreachable, ClusterForbidden, QuotaExceeded, ClusterInvalid,
    ClusterConflict, ObjectMissing, ObjectExists, ObjectChanged; `namespace_foreign` before anything is sent.
    """

    def __init__(self, connection: Connection, *, manager: str = "") -> None:
        self.api = make_api(connection.kubeconfig)
        self.applied: dict[str, tuple[str, float]] = {}
        self.guard = Guard(manager)
        self._counter = Counter()

    @property
    def requests(self) -> int:
        """How many calls were made, all threads and visits together."""
        return self._counter.value

    def visit(self, manager: str) -> "ClusterClient":
        """Return this client for one visit by the manager whose mark is given: it looks anew whose each namespace
        is."""
        visiting = copy.copy(self)
        visiting.guard = Guard(manager)
        return visiting

    def refuse_foreign(self, identifier: str) -> None:
        """Raise `namespace_foreign` when the instance's namespace is somebody else's; one that is not there is free."""
        self._check(Reference("v1", NAMESPACE, "", identifier), identifier)

    def get(self, reference: Reference, *, instance: str) -> dict[str, Any] | None:
        """Return an object, None when there is none."""
        call = _ask("get", reference, instance)
        try:
            object_: dict[str, Any] | None = self._read("GET", make_path(reference), call)
        except ObjectMissing:
            object_ = None
        if reference.kind == NAMESPACE:
            self.guard.note(reference.name, object_)
        return object_

    def list(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str = "",
        selector: str = "",
        limit: int = PAGE,
        any_version: bool = False,
        instance: str = "*",
    ) -> Iterator[dict[str, Any]]:
        """Yield every object of a kind, page by page. `any_version`: what the API server has in its memory will do, and
        may be some seconds old; it then answers with all at once. Empty when the cluster has no such kind.

        Pages are of one moment; a list that took too long is begun again, so an object may come twice.
        """
        path = make_collection_path(api_version, kind, namespace)
        call = ApiCall(verb="list", resource=PLURALS[kind], name="", instance=namespace or instance)
        for attempt in range(LIST_TRIES):
            try:
                for object_ in self._list_pages(path, call, selector=selector, limit=limit, any_version=any_version):
                    # The API leaves both out of what a list holds.
                    yield {"apiVersion": api_version, "kind": kind, **object_}
            except ListExpired:
                if attempt == LIST_TRIES - 1:
                    raise
            except ObjectMissing:
                return
            else:
                return

    def apply(self, object_: Mapping[str, Any], reference: Reference, *, instance: str) -> dict[str, Any]:
        """Apply an object server-side as ours, strictly and without taking fields of others; return what is there."""
        self._check(reference, instance)
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict", "force": "false"}
        call = _ask("patch", reference, instance)
        # As a text: the library would walk through every value of a document first.
        body = json.dumps(object_)
        return self._read("PATCH", make_path(reference), call, query=query, body=body, content=APPLY)

    def create(self, object_: Mapping[str, Any], reference: Reference, *, instance: str) -> dict[str, Any]:
        """Create an object. Raise ObjectExists when its name is taken."""
        self._check(reference, instance)
        path = make_collection_path(reference.api_version, reference.kind, reference.namespace)
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        return self._read("POST", path, _ask("create", reference, instance), query=query, body=object_)

    def merge(self, reference: Reference, change: Mapping[str, Any], *, manager: str, instance: str) -> dict[str, Any]:
        """Merge `change` into an object, as the field manager `manager`. Raise ObjectChanged when the change names a
        resourceVersion that is no longer the object's."""
        self._check(reference, instance)
        query = {"fieldManager": manager}
        call = _ask("patch", reference, instance)
        return self._read("PATCH", make_path(reference), call, query=query, body=change, content=MERGE)

    def delete(
        self,
        reference: Reference,
        *,
        instance: str,
        propagation: str = "Background",
        uid: str = "",
        grace_seconds: int | None = None,
    ) -> None:
        """Ask for an object's deletion; one that is not there is deleted. `uid`: only that very object."""
        self._check(reference, instance)
        body: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        if uid:
            body["preconditions"] = {"uid": uid}
        if grace_seconds is not None:
            body["gracePeriodSeconds"] = grace_seconds
        try:
            self._send("DELETE", make_path(reference), _ask("delete", reference, instance), body=body)
        except ObjectMissing:
            return

    def read_text(self, path: str, call: ApiCall, *, query: Mapping[str, str], host: str = "") -> str:
        """Return what is at `path` as text (a log, a page). `host`: given instead of the API server's own."""
        headers = {"Host": host} if host else {}
        return self._send("GET", path, call, query=query, headers=headers).decode(errors="replace")

    def stream(self, path: str, call: ApiCall, *, query: Mapping[str, str], most_bytes: int) -> Iterator[bytes]:
        """Yield what is at `path` piece by piece as it comes: `most_bytes` and the rest of a piece at most. Raise
        ClusterUnreachable when it has no end within STREAM_SECONDS."""
        deadline, count = time.monotonic() + STREAM_SECONDS, 0
        with translating(call):
            answer = self._open("GET", path, query, None, {})
            if not 200 <= answer.status < 300:
                raise translate(answer.status, answer.read(), answer.headers, call)
            try:
                for piece in answer.response.stream(PIECE_BYTES):
                    yield piece
                    count += len(piece)
                    if count >= most_bytes:
                        return
                    if time.monotonic() > deadline:
                        raise make_unreachable(call, "no end in time")
            finally:
                answer.response.close()

    def read_document(self, path: str, call: ApiCall, *, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the document at `path`."""
        return self._read("GET", path, call, query=query)

    def _check(self, reference: Reference, instance: str) -> None:
        def read(name: str) -> object:
            return self.get(Reference("v1", NAMESPACE, "", name), instance=name)

        self.guard.check(reference, instance=instance, read=read)

    def _list_pages(
        self, path: str, call: ApiCall, *, selector: str, limit: int, any_version: bool
    ) -> Iterator[dict[str, Any]]:
        query = {"labelSelector": selector} if selector else {}
        query["limit"] = str(limit)
        if any_version:
            query["resourceVersion"] = "0"
        following: str | None = None
        while following != "":
            try:
                following = yield from read_items(self._send("GET", path, call, query=query))
            except ValueError:
                raise make_unreachable(call, NO_DOCUMENT) from None
            query.pop("resourceVersion", None)
            query["continue"] = following

    def _read(self, method: str, path: str, call: ApiCall, **request: Any) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(self._send(method, path, call, **request))
        except ValueError:
            raise make_unreachable(call, NO_DOCUMENT) from None
        return content

    def _send(
        self,
        method: str,
        path: str,
        call: ApiCall,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | str | None = None,
        content: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._send_once(
                    method, path, call, query or {}, body, {"Content-Type": content, **(headers or {})}
                )
            except ClusterUnreachable as error:
                seconds = error.params.get("retry_after_seconds")
                if seconds is None or time.monotonic() + seconds > deadline:
                    raise
            time.sleep(max(seconds, 1))

    def _send_once(
        self, method: str, path: str, call: ApiCall, query: Mapping[str, str], body: Any, headers: dict[str, str]
    ) -> bytes:
        with translating(call):
            answer = self._open(method, path, query, body, headers)
            data: bytes = answer.read()
        if 200 <= answer.status < 300:
            return data
        raise translate(answer.status, data, answer.headers, call)

    def _open(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: dict[str, str]) -> Any:
        """Return the library's answer, of which nothing is read yet."""
        self._counter.add()
        _, url, sent, sent_body, _ = self.api.param_serialize(
            method,
            path,
            query_params=list(query.items()),
            header_params={"Accept": JSON, **headers},
            body=body,
            auth_settings=["BearerToken"],
        )
        timeout = (CONNECT_SECONDS, ANSWER_SECONDS)
        return self.api.rest_client.request(method, url, headers=sent, body=sent_body, _request_timeout=timeout)


def _ask(verb: str, reference: Reference, instance: str) -> ApiCall:
    return ApiCall(verb=verb, resource=PLURALS[reference.kind], name=reference.name, instance=instance)


_lock = threading.Lock()


@functools.lru_cache(maxsize=64)
def _make_client(connection: Connection) -> ClusterClient:
    return ClusterClient(connection)


def get_client(connection: Connection) -> ClusterClient:
    """Return this process's client of the cluster: connections are used again by every call and thread."""
    with _lock:
        return _make_client(connection)


def forget_clients() -> None:
    """Forget every client: a forked process must not write into its parent's connections."""
    global _lock
    _lock = threading.Lock()
    _make_client.cache_clear()


_register: Callable[..., None] = os.register_at_fork
_register(after_in_child=forget_clients)
