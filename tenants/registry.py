"""The only door for parishes and their instances as rows. What runs is changed by operations, never here."""

import logging
from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError, InvalidValue, NotFound
from domain.names import compute_host, compute_identifier
from domain.parameters import PARAMETERS, validate_tenant
from domain.specs import CONTAINERS, InstanceKind
from domain.states import InstanceState
from tenants.models import Instance, Plan, Release, Tenant

logger = logging.getLogger(__name__)


def get_tenant(slug: str) -> Tenant:
    """Return the parish whose sub-domain is `slug`. Raise NotFound."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise NotFound(what="tenant", name=slug)
    return tenant


def create_tenant(data: Mapping[str, object], *, requested_by: str) -> Tenant:
    """Record a parish from its parameters by name (domain/parameters.py). Nothing is installed.

    `requested_by`: who asked, for the log. Raise CiviparoisseError `invalid_tenant` (all faults at once) or
    `slug_taken`.
    """
    recorded = validate_tenant(data)
    try:
        with transaction.atomic():
            _refuse_taken(recorded["slug"])
            tenant = Tenant.objects.create(**recorded)
    except IntegrityError as error:
        # Somebody was first, between our look and our write.
        raise CiviparoisseError("slug_taken", tenant=recorded["slug"]) from error
    _log("parish %s recorded by %s", tenant.slug, requested_by)
    return tenant


def update_tenant(tenant: Tenant, data: Mapping[str, object], *, requested_by: str) -> Tenant:
    """Record new values of some parameters; those absent from `data` keep theirs, an empty one gets its default.

    The sub-domain never changes: instances, hosts and backups are named by it. Running instances take the new values
    when they are next applied. Raise CiviparoisseError `invalid_tenant`.
    """
    with transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)
        if data.get("slug", row.slug) != row.slug:
            raise InvalidValue(field="slug", reason=_("cannot change: instances and backups are named by it."))
        present = {name: getattr(row, name) for name in PARAMETERS}
        recorded = validate_tenant({**present, **data})
        changed = [name for name in PARAMETERS if recorded[name] != present[name]]
        for name in changed:
            setattr(row, name, recorded[name])
        if changed:
            row.save(update_fields=changed)
    _log("parish %s changed by %s: %s", row.slug, requested_by, ", ".join(changed) or "nothing")
    return row


def delete_tenant(tenant: Tenant, *, requested_by: str) -> None:
    """Delete the parish and what we know of its purged instances; its sub-domain is free again.

    Raise CiviparoisseError `tenant_in_use` while the purge of an instance is not proven or backups are kept.
    """
    tenant.delete()
    _log("parish %s deleted by %s", tenant.slug, requested_by)


def create_instance(
    tenant: Tenant,
    *,
    kind: InstanceKind = InstanceKind.PRODUCTION,
    plan: Plan | None = None,
    release: Release | None = None,
    engine: str = "local",
    domain: str = "",
    host_template: str = "",
) -> Instance:
    """Record an instance of the parish, to be provisioned. `plan`, `release`: None for the default one.

    Only a production instance sends mail and runs its cron. `engine`: a name of engine/registry.py, checked by the
    caller; `domain`, `host_template`: of its host, the installation's when empty (all three as of
    clusters.settings.select_place). The host stays, whatever is set later. Raise CiviparoisseError `instance_exists`,
    `host_taken`, `default_missing` or `plan_incomplete`.
    """
    chosen_plan, chosen_release = plan or get_default_plan(), release or get_default_release()
    refuse_incomplete(chosen_plan)
    identifier = compute_identifier(tenant.slug, kind)
    taken = CiviparoisseError("instance_exists", tenant=tenant.slug, instance=identifier)
    try:
        with transaction.atomic():
            # Held until the end: a parish is deleted under the same lock.
            if not Tenant.objects.select_for_update().filter(pk=tenant.pk).exists():
                raise NotFound(what="tenant", name=tenant.slug)
            if Instance.objects.filter(identifier=identifier).exists():
                raise taken
            host = compute_host(
                identifier, host_template or settings.HOST_TEMPLATE, domain=domain or settings.PARISH_DOMAIN
            )
            if other := Instance.objects.filter(host=host).first():
                raise CiviparoisseError("host_taken", instance=identifier, host=host, other=other.identifier)
            return Instance.objects.create(
                tenant=tenant,
                kind=kind.value,
                identifier=identifier,
                host=host,
                plan=chosen_plan,
                release=chosen_release,
                engine=engine,
                mail_enabled=kind is InstanceKind.PRODUCTION,
                cron_enabled=kind is InstanceKind.PRODUCTION,
            )
    except IntegrityError as error:
        raise taken from error


def update_new_instance(
    instance: Instance, *, plan: Plan | None = None, release: Release | None = None, requested_by: str
) -> Instance:
    """Give an instance that is not made yet another plan or release, and return it; None keeps the present one.

    Raise CiviparoisseError `instance_made` once anything was asked for it: operations change it from then on, and
    `plan_incomplete`.
    """
    if plan is not None:
        refuse_incomplete(plan)
    chosen = {name: row for name, row in (("plan", plan), ("release", release)) if row is not None}
    rows = Instance.objects.select_related("tenant", "plan", "release").filter(pk=instance.pk)
    if chosen and not rows.filter(state=InstanceState.NEW.value).update(**chosen):
        raise CiviparoisseError("instance_made", instance=instance.identifier)
    if chosen:
        named = ", ".join(f"{name} {row.name}" for name, row in chosen.items())
        _log("instance %s changed by %s: %s", instance.identifier, requested_by, named)
    return rows.get()


def get_plan(name: str) -> Plan:
    """Return the plan called `name`. Raise NotFound."""
    plan = Plan.objects.filter(name=name).first()
    if plan is None:
        raise NotFound(what="plan", name=name)
    return plan


def get_release(name: str) -> Release:
    """Return the release called `name`. Raise NotFound."""
    release = Release.objects.filter(name=name).first()
    if release is None:
        raise NotFound(what="release", name=name)
    return release


def refuse_incomplete(plan: Plan) -> None:
    """Raise CiviparoisseError `plan_incomplete` unless the plan sizes every container."""
    missing = set(CONTAINERS) - set(plan.containers.values_list("container", flat=True))
    if missing:
        raise CiviparoisseError("plan_incomplete", plan=plan.name, containers=", ".join(sorted(missing)))


def get_default_plan() -> Plan:
    """Return the default plan. Raise CiviparoisseError `default_missing`."""
    plan = Plan.objects.filter(is_default=True).first()
    if plan is None:
        raise CiviparoisseError("default_missing", what="plan")
    return plan


def get_default_release() -> Release:
    """Return the default release. Raise CiviparoisseError `default_missing`."""
    release = Release.objects.filter(is_default=True).first()
    if release is None:
        raise CiviparoisseError("default_missing", what="release")
    return release


def _log(text: str, *names: str) -> None:
    """Log once it is true: a dry run is undone."""
    transaction.on_commit(lambda: logger.info(text, *names))


def _refuse_taken(slug: str) -> None:
    if Tenant.objects.filter(slug=slug).exists():
        raise CiviparoisseError("slug_taken", tenant=slug)
