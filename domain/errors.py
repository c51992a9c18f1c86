"""The one error tree. Texts live in error_texts.py; what is stored and sent is the code and its parameters."""

from collections.abc import Mapping
from typing import Any

from domain.error_texts import TEXTS
from domain.program_texts import ADVICE, CAUSES
from domain.words import word_params


class CiviparoisseError(Exception):
    """A fault of the trade: a stable `code`, parameters for its texts, and whether asking again may help.

    `params` are JSON values and never hold a secret: they are stored, logged and shown.
    Raise KeyError at construction for a code without texts, so that tests find it.
    """

    default_code = ""

    def __init__(self, code: str = "", /, *, retryable: bool | None = None, **params: Any) -> None:
        self.code = code or self.default_code
        self.params = params
        self.retryable = TEXTS[self.code].retryable if retryable is None else retryable
        super().__init__(self.code)

    @property
    def message(self) -> str:
        """What happened and to which tenant, in the active language."""
        return format_text(TEXTS[self.code].message, self.params)

    @property
    def hint(self) -> str:
        """What to do next, in the active language; empty when there is nothing to add."""
        return format_text(TEXTS[self.code].hint, self.params)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InstanceBusy(CiviparoisseError):
    """Another operation holds the instance. Params: instance, kind, operation."""

    default_code = "instance_busy"


class NotFound(CiviparoisseError):
    """Something named does not exist. Params: what, name."""

    default_code = "not_found"


class InvalidValue(CiviparoisseError):
    """A value was refused at the door. Params: field, reason (already worded), and never a secret's value."""

    default_code = "invalid_value"


class EngineUnavailable(CiviparoisseError):
    """The place where instances run did not answer; asking later may help. Params: instance, detail."""

    default_code = "engine_unavailable"


class ClusterUnreachable(CiviparoisseError):
    """A cluster's API did not answer, or asked to come back later. Params: instance, detail, and `retry_after_seconds`
    when it said how long."""

    default_code = "cluster_unreachable"


class ClusterForbidden(CiviparoisseError):
    """The manager's account lacks a right on the cluster. Params: instance, verb, resource."""

    default_code = "cluster_forbidden"


class QuotaExceeded(CiviparoisseError):
    """An object does not fit into a quota. Params: instance, object, detail."""

    default_code = "cluster_quota_exceeded"


class ClusterInvalid(CiviparoisseError):
    """The cluster's API refused an object as it is. Params: instance, object, field, reason."""

    default_code = "cluster_invalid"


class ClusterConflict(CiviparoisseError):
    """A field of an object belongs to somebody else, and was not taken away. Params: instance, object, field,
    manager."""

    default_code = "cluster_conflict"


class ProgramFailed(CiviparoisseError):
    """A program of ours (backup, restore, …) reported an error of its own. Params: instance, program, code, message,
    hint as the program wrote them (English), and the program's own params."""

    default_code = "program_failed"


class _Missing(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def format_text(text: object, params: dict[str, Any]) -> str:
    """Return `text` with its named places filled, with words for codes (words.py); a missing parameter shows as «?»,
    never as a crash."""
    return str(text) % _Missing(word_params(params))


def word_cause(code: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Return why something failed, in a few words, and what to do, in the active language: for mails and lists. No
    value that an instance or a program gave is in them; both are "" where there are no words for the code."""
    for known in (params.get("code"), params.get("cause"), code):
        if known in CAUSES:
            return str(CAUSES[known]), str(ADVICE[known])
    return "", ""


def render_error(code: str, params: dict[str, Any]) -> tuple[str, str]:
    """Return (message, hint) of a stored error in the active language; an unknown code shows as itself."""
    if code not in TEXTS:
        return code, ""
    return format_text(TEXTS[code].message, params), format_text(TEXTS[code].hint, params)
