"""Faults of the cluster's API into ours, in one place: no other module sees a status code or an exception of a client.

Of a reply only its Status is read (Kubernetes API conventions, "Response Status Kind"); texts are cut, and those about
Secrets dropped, since they may quote a value.
"""

import json
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3
from kubernetes.client import ApiException

from domain.errors import (
    CiviparoisseError,
    ClusterConflict,
    ClusterForbidden,
    ClusterInvalid,
    ClusterUnreachable,
    NotFound,
    QuotaExceeded,
)

TEXT_LENGTH = 300
NO_CONNECTION = "no connection"
NO_ANSWER = "no answer in time"
NO_TRUST = "its certificate is not to be trusted, or it is no TLS server"
# ApiCall to come back, or broken on the other side for now.
LATER = frozenset({0, 408, 425, 429, 500, 502, 503, 504})
MANAGER = re.compile(r'conflict with "([^"]*)"')


class ObjectMissing(NotFound):
    """There is no such object, or not even its namespace. Params: what, name; `reason` of the Status."""


class ObjectExists(CiviparoisseError):
    """An object of that name is there already."""

    default_code = "cluster_conflict"


class ObjectChanged(CiviparoisseError):
    """The object is no longer what it was when it was read; read it again."""

    default_code = "cluster_conflict"


class ListExpired(CiviparoisseError):
    """The list was begun too long ago to be continued (410); begin it again."""

    default_code = "cluster_unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """What was asked: `verb` and `resource` as a role names them, `name` of the object, and of which instance."""

    verb: str
    resource: str
    name: str
    instance: str

    @property
    def object(self) -> str:
        """Return how the object is called in a text."""
        return f"{self.resource}/{self.name}" if self.name else self.resource

    @property
    def is_secret(self) -> bool:
        """Return whether what the API says may quote something secret."""
        return self.resource.startswith("secrets")


def make_unreachable(call: ApiCall, detail: str, *, retry_after_seconds: int | None = None) -> ClusterUnreachable:
    """Return the error of a call that got no answer."""
    later: dict[str, Any] = {} if retry_after_seconds is None else {"retry_after_seconds": retry_after_seconds}
    return ClusterUnreachable(instance=call.instance, detail=f"{call.verb} {call.object}: {detail}", **later)


@contextmanager
def translating(call: ApiCall) -> Iterator[None]:
    """Context: raise ClusterUnreachable for what the client of the API raises when it gets no answer."""
    try:
        yield
    except (urllib3.exceptions.HTTPError, ApiException, ssl.SSLError, OSError) as error:
        # "from None": what the client says may quote headers.
        raise make_unreachable(call, describe_failure(error)) from None


def describe_failure(error: Exception) -> str:
    """Return why a server could not be asked, one of the texts that domain.words has words for; no address's query and
    no header is in it."""
    cause: object = error
    while isinstance(getattr(cause, "reason", None), Exception):
        cause = cause.reason  # type: ignore[attr-defined]
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        # A kind of a timeout to the library.
        return NO_CONNECTION
    if isinstance(cause, urllib3.exceptions.TimeoutError):
        return NO_ANSWER
    if isinstance(cause, urllib3.exceptions.SSLError | ssl.SSLError | ApiException):
        return NO_TRUST
    return NO_CONNECTION


def translate(status: int, body: bytes, headers: Mapping[str, str], call: ApiCall) -> CiviparoisseError:
    """Return our error for a reply that is not a success."""
    answer_status = _parse_status(body)
    reason = str(answer_status.get("reason") or "")
    if status in LATER:
        seconds = _find_seconds(headers, answer_status)
        return make_unreachable(call, f"status {status} {reason}".strip(), retry_after_seconds=seconds)
    if status == 401:
        return CiviparoisseError("cluster_account_refused", instance=call.instance)
    if status == 403:
        return _translate_forbidden(answer_status, call)
    if status == 404:
        return ObjectMissing(what=call.resource, name=call.name or call.instance, reason=reason)
    if status == 409:
        return _translate_conflict(answer_status, reason, call)
    if status == 410:
        return ListExpired(instance=call.instance, detail=f"list {call.resource}: expired")
    field, text = _find_field(answer_status)
    text = "" if call.is_secret else _cut(text or f"status {status}")
    return ClusterInvalid(instance=call.instance, object=call.object, field=field or reason or "?", reason=text)


def _translate_forbidden(status: Mapping[str, Any], call: ApiCall) -> CiviparoisseError:
    text = str(status.get("message") or "")
    causes = {cause.get("reason") for cause in _list_causes(status)}
    if "NamespaceTerminating" in causes:
        return CiviparoisseError("namespace_ending", instance=call.instance)
    if "exceeded quota" in text:
        detail = _cut(text[text.index("exceeded quota") :])
        return QuotaExceeded(instance=call.instance, object=call.object, detail=detail)
    if " cannot " in text or not text:
        return ClusterForbidden(instance=call.instance, verb=call.verb, resource=call.resource)
    # An admission plugin: Pod Security, a LimitRange, a policy of the cluster's own.
    reason = "" if call.is_secret else _cut(text)
    return ClusterInvalid(instance=call.instance, object=call.object, field="admission", reason=reason)


def _translate_conflict(status: Mapping[str, Any], reason: str, call: ApiCall) -> CiviparoisseError:
    about: dict[str, Any] = {"instance": call.instance, "object": call.object}
    if reason == "AlreadyExists":
        return ObjectExists(**about, field="metadata.name", manager="?")
    conflicts = [cause for cause in _list_causes(status) if cause.get("reason") == "FieldManagerConflict"]
    if not conflicts:
        return ObjectChanged(**about, field="metadata.resourceVersion", manager="?", retryable=True)
    owner = MANAGER.search(str(conflicts[0].get("message") or ""))
    fields = ", ".join(str(cause.get("field") or "?") for cause in conflicts[:3])
    # A namespace is not deleted and made anew as other objects are: what to do is told in other words.
    code = "namespace_conflict" if call.resource == "namespaces" else ""
    return ClusterConflict(code, **about, field=_cut(fields), manager=owner[1] if owner else "?")


def _parse_status(body: bytes) -> dict[str, Any]:
    """Return the Status of a reply; empty for anything else, which may be a page of a proxy."""
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) and content.get("kind") == "Status" else {}


def _list_causes(status: Mapping[str, Any]) -> list[dict[str, Any]]:
    return (status.get("details") or {}).get("causes") or []


def _find_field(status: Mapping[str, Any]) -> tuple[str, str]:
    """Return the field at fault and why, from the first cause; strict decoding names it in the message alone."""
    causes = _list_causes(status)
    if causes:
        return str(causes[0].get("field") or ""), str(causes[0].get("message") or "")
    text = str(status.get("message") or "")
    unknown = re.search(r'(?:unknown|duplicate) field "([^"]+)"', text)
    return (unknown[1] if unknown else ""), text


def _find_seconds(headers: Mapping[str, str], status: Mapping[str, Any]) -> int | None:
    stated = str(headers.get("Retry-After") or (status.get("details") or {}).get("retryAfterSeconds"))
    return int(stated) if stated.isdecimal() else None


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= TEXT_LENGTH else flat[: TEXT_LENGTH - 1] + "…"
