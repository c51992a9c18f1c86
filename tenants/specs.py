"""From rows to the frozen values that engines take."""

import secrets
import string
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields

from django.conf import settings
from django.db import transaction

from domain.backup_terms import BackupTerms
from domain.specs import (
    ALL_COMPONENTS,
    Component,
    InstanceKind,
    InstanceSpec,
    MailServer,
    Plan,
    Prefork,
    Release,
    Resources,
    Secrets,
    Site,
)
from tenants import models
from tenants.closed_page import make_closed_page
from tenants.plan_rules import VOLUMES

# Lengths of the chart for passwords and the administrator's name (docs/domain.md#secrets); the keys are ours: letters
# and digits only, so that they pass unquoted through PHP, JSON and SQL (docs/traps.md#injection), at 5.95 bits each.
SECRET_LENGTHS = {
    "db_password": 24,
    "db_root_password": 24,
    "drupal_admin_user": 12,
    "drupal_admin_password": 24,
    "site_key": 32,
    "cred_key": 43,
    "sign_key": 43,
    "hash_salt": 74,
    "manifest_key": 43,
}
DEFAULT_VERP_LOCALPART = "civibounce+"


# The app that knows of backup policies registers who tells their terms: nothing here may know it.
TermsProvider = Callable[[models.Instance], BackupTerms]
_providers: list[TermsProvider] = []
_attachers: list[Callable[[Collection[models.Instance]], None]] = []


def register_backup_terms(provider: TermsProvider, *, attach: Callable[[Collection[models.Instance]], None]) -> None:
    """Have specs say how backups are made as `provider` tells, which looks up nothing for what `attach` was given.
    Called by the `ready` of an app."""
    _providers[:], _attachers[:] = [provider], [attach]


def attach_backup_terms(instances: Collection[models.Instance]) -> None:
    """Look up how the backups of all of `instances` are made, for the specs that will be made of these rows."""
    for attach in _attachers:
        attach(instances)


def select_wanted_components(instance: models.Instance) -> frozenset[Component]:
    """Return what runs while the instance is active: everything, less the cron when it is switched off."""
    return ALL_COMPONENTS if instance.cron_enabled else ALL_COMPONENTS - {Component.CRON}


def ensure_secrets(instance: models.Instance) -> Secrets:
    """Return the instance's secrets; made once and saved before anybody uses them, those it has are kept."""
    names = [field.name for field in fields(Secrets)]
    if set(names) - set(instance.secrets):
        with transaction.atomic():
            models.Tenant.objects.select_for_update().get(pk=instance.tenant_id)
            locked = models.Instance.objects.get(pk=instance.pk)
            locked.secrets = {**make_secrets(), **_find_shared_secrets(instance), **locked.secrets}
            locked.save(update_fields=["secrets"])
        instance.secrets = locked.secrets
    return Secrets(**{name: instance.secrets[name] for name in names})


def _find_shared_secrets(instance: models.Instance) -> dict[str, str]:
    """One key signs all backups of a parish: a set can be restored into any of its instances, even once the one it
    was taken of is deleted."""
    others = models.Instance.objects.filter(tenant_id=instance.tenant_id).exclude(pk=instance.pk).order_by("pk")
    key = next((other.secrets["manifest_key"] for other in others if "manifest_key" in other.secrets), None)
    return {} if key is None else {"manifest_key": key}


def make_secrets() -> dict[str, str]:
    """Return new secrets by field name of `Secrets`: letters for what people may type, letters and digits else."""
    typed = {"drupal_admin_user", "drupal_admin_password"}
    return {
        name: "".join(
            secrets.choice(string.ascii_letters if name in typed else string.ascii_letters + string.digits)
            for _ in range(length)
        )
        for name, length in SECRET_LENGTHS.items()
    }


def make_instance_spec(
    instance: models.Instance, *, components: frozenset[Component], backups_held: bool = False, is_made: bool = False
) -> InstanceSpec:
    """Return everything an engine needs to know of `instance`, with `components` running. Makes missing secrets."""
    return InstanceSpec(
        identifier=instance.identifier,
        tenant=instance.tenant.slug,
        kind=InstanceKind(instance.kind),
        host=instance.host,
        plan=make_plan(instance.plan, grown=instance.grown_volumes),
        release=make_release(instance.release),
        site=make_site(instance.tenant),
        secrets=ensure_secrets(instance),
        components=components,
        mail_enabled=instance.mail_enabled,
        backups_held=backups_held,
        backups=_providers[0](instance) if _providers else BackupTerms(),
        is_made=is_made,
        closed_page=None if Component.HTTPD in components else make_closed_page(instance),
    )


def make_release(release: models.Release) -> Release:
    """Return a release as engines take it."""
    return Release(name=release.name, images=release.images, versions=release.versions)


def make_plan(plan: models.Plan, *, grown: Mapping[str, int] | None = None) -> Plan:
    """Return the sizes of `plan` and its containers; volumes as large as they have `grown` (compute_volume_bytes)."""
    names = [field.name for field in fields(Resources)]
    volumes = compute_volume_bytes(plan, grown)
    prefork = {field.name: getattr(plan, field.name) for field in fields(Prefork)}
    return Plan(
        name=plan.name,
        containers={
            row.container: Resources(**{name: getattr(row, name) for name in names}) for row in plan.containers.all()
        },
        db_volume_bytes=volumes["db_volume_bytes"],
        files_volume_bytes=volumes["files_volume_bytes"],
        private_volume_bytes=volumes["private_volume_bytes"],
        backups_volume_bytes=volumes["backups_volume_bytes"],
        prefork=Prefork(**prefork),
    )


def compute_volume_bytes(plan: models.Plan, grown: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return the size of every volume by the plan's field: the plan's, or what the volume has `grown` to before."""
    return {name: max(getattr(plan, name), (grown or {}).get(name, 0)) for name in VOLUMES}


def make_site(tenant: models.Tenant) -> Site:
    """Return the parish's parameters as the images' init takes them (docs/domain.md#parameters)."""
    same = (
        "street_number street postcode city phone drupal_site_mail civicrm_domain_mail civicrm_domain"
        " admin_mail admin_name admin_description"
    )
    return Site(
        parish_name=tenant.name,
        **{name: getattr(tenant, name) for name in same.split()},
        mail_domain=f"{tenant.slug}.{settings.PARISH_DOMAIN}",
        bounce_localpart=tenant.verp_localpart or DEFAULT_VERP_LOCALPART,
        bounce_return_path=tenant.return_path or tenant.civicrm_domain_mail,
        smtp=_make_smtp(tenant),
        imap=_make_imap(tenant),
    )


def _make_smtp(tenant: models.Tenant) -> MailServer | None:
    if not tenant.smtp_host:
        return None
    return MailServer(
        host=tenant.smtp_host, port=tenant.smtp_port, user=tenant.smtp_user, password=tenant.smtp_password
    )


def _make_imap(tenant: models.Tenant) -> MailServer | None:
    if not tenant.imap_host:
        return None
    return MailServer(
        host=tenant.imap_host,
        port=tenant.imap_port,
        user=tenant.imap_user,
        password=tenant.imap_password,
        use_ssl=tenant.imap_use_ssl,
        folder=tenant.imap_folder,
    )
