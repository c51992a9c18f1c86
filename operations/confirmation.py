"""Destruction is confirmed by typing the instance's identifier: one rule for the administration, REST and commands."""

from typing import Any

from domain.errors import CiviparoisseError
from operations.registry import get_kind


def needs_confirmation(kind: str) -> bool:
    """Return whether an operation of `kind` destroys data, so that a person types the identifier first."""
    return bool(get_kind(kind).unconfirmed)


def refuse_unconfirmed(kind: str, identifier: str, parameters: dict[str, Any]) -> None:
    """Raise CiviparoisseError (the kind's own code) where `kind` destroys data and `confirm` is not the identifier.

    Asked at each door before anything else is looked at, also where a backup is kept.
    """
    if needs_confirmation(kind) and parameters.get("confirm") != identifier:
        raise CiviparoisseError(get_kind(kind).unconfirmed, instance=identifier, name=identifier)
