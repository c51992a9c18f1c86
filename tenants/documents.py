"""Parishes and instances as documents for the doors: JSON values, never a secret."""

from typing import Any

from domain.parameters import PARAMETERS, SECRET_FIELDS
from tenants.models import Instance, Tenant


def tenant_as_dict(tenant: Tenant) -> dict[str, Any]:
    """Return the parish's parameters; of a password only whether there is one (`…_set`)."""
    shown: dict[str, Any] = {}
    for name in PARAMETERS:
        value = getattr(tenant, name)
        shown.update({f"{name}_set": bool(value)} if name in SECRET_FIELDS else {name: value})
    created_at = tenant.created_at.isoformat(timespec="seconds")
    instances = [instance_as_dict(row) for row in tenant.instances.select_related("tenant", "plan", "release")]
    return {**shown, "created_at": created_at, "instances": instances}


def instance_as_dict(instance: Instance) -> dict[str, Any]:
    """Return what an instance is to be; what is really there says instance_status."""
    return {
        "instance": instance.identifier,
        "tenant": instance.tenant.slug,
        "kind": instance.kind,
        "host": instance.host,
        "plan": instance.plan.name,
        "release": instance.release.name,
        "engine": instance.engine,
        "state": instance.state,
        "mail_enabled": instance.mail_enabled,
        "cron_enabled": instance.cron_enabled,
        "url": instance.url or None,
    }
