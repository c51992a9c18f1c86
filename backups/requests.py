"""Asks for backups and restores: thin names over the one door, operations.requests."""

from typing import Any

from domain.states import OperationKind
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance


def request_backup(
    instance: Instance,
    *,
    requested_by: str,
    parameters: dict[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Operation:
    """Record that a backup of `instance` is wanted. `parameters`: as in parameters.validate_backup."""
    return request_operation(
        kind=OperationKind.BACKUP,
        instance=instance,
        requested_by=requested_by,
        parameters=parameters,
        idempotency_key=idempotency_key,
    )


def request_restore(
    instance: Instance,
    *,
    requested_by: str,
    parameters: dict[str, Any],
    target: Instance | None = None,
    idempotency_key: str | None = None,
) -> Operation:
    """Record that a backup of `instance` is to be put back: into itself, or into `target`, a copy of the same tenant.

    The operation is the target's: it is the one that changes. `parameters`: as in parameters.validate_restore.
    """
    return request_operation(
        kind=OperationKind.RESTORE,
        instance=target or instance,
        requested_by=requested_by,
        parameters={**parameters, "source": instance.identifier},
        idempotency_key=idempotency_key,
    )
