"""Values for tests: the fixed cast of parishes and the default plan, as frozen specs."""

import dataclasses
from typing import Any

from domain.specs import (
    InstanceKind,
    InstanceSpec,
    Plan,
    Prefork,
    Release,
    Resources,
    Secrets,
    Site,
)

MEBIBYTE = 1024**2
GIBIBYTE = 1024**3

# Name, street number, street, postcode, city. Saint-Paul is ordinary, Sainte-Marie large, Saint-Jean being deleted.
CAST = {
    "saint-paul": ("Paroisse Saint-Paul d'Étupes", "12", "rue de l'Église", "25460", "Étupes"),
    "sainte-marie": ('Paroisse "Sainte-Marie" <&> Ill', "3 bis", "quai des Pêcheurs", "67000", "Strasbourg"),
    "saint-jean": ("Paroisse Saint-Jean", "1", "place du Temple", "68100", "Mulhouse"),
}


def make_resources(memory_mebibytes: int, millicores: int) -> Resources:
    """Return a request equal to its limit, as in the chart."""
    return Resources(
        cpu_request_millicores=millicores,
        cpu_limit_millicores=millicores,
        memory_request_bytes=memory_mebibytes * MEBIBYTE,
        memory_limit_bytes=memory_mebibytes * MEBIBYTE,
    )


def make_plan(**changes: Any) -> Plan:
    """Return the default plan: the chart's figures (docs/domain.md#sizes); the chart has no backup container."""
    plan = Plan(
        name="default",
        containers={
            "db": make_resources(384, 250),
            "db_init": make_resources(768, 1000),
            "db_router": make_resources(100, 100),
            "httpd": make_resources(1024, 1000),
            "httpd_init": make_resources(50, 100),
            "cron": make_resources(256, 250),
            "cron_init": make_resources(50, 100),
            "backup": make_resources(256, 1000),
        },
        db_volume_bytes=GIBIBYTE,
        files_volume_bytes=GIBIBYTE,
        private_volume_bytes=GIBIBYTE,
        backups_volume_bytes=2 * GIBIBYTE,
        prefork=Prefork(
            max_request_workers=4,
            server_limit=4,
            start_servers=4,
            min_spare_servers=1,
            max_spare_servers=4,
            max_connections_per_child=1,
            listen_backlog=1,
        ),
    )
    return dataclasses.replace(plan, **changes)


def make_release() -> Release:
    """Return the release whose versions the chart pins (docs/domain.md#images)."""
    return Release(name="0.1.0", images={}, versions={"civicrm": "5.61.1", "drupal": "9.5.9"})


def make_site(tenant: str = "saint-paul", **changes: Any) -> Site:
    """Return the parameters of one parish of the cast."""
    name, number, street, postcode, city = CAST.get(tenant, (f"Paroisse {tenant}", "1", "rue", "67000", "Strasbourg"))
    domain = f"{tenant}.example.org"
    site = Site(
        parish_name=name,
        street_number=number,
        street=street,
        postcode=postcode,
        city=city,
        phone="+33 3 88 00 00 00",
        drupal_site_mail=f"site@{domain}",
        civicrm_domain_mail=f"contact@{domain}",
        civicrm_domain=domain,
        admin_mail=f"admin@{domain}",
        admin_name="Jeanne d'Arc",
        admin_description="Admin de la paroisse",
        mail_domain=domain,
        bounce_localpart="civibounce+",
        bounce_return_path=f"bounce@{domain}",
        smtp=None,
        imap=None,
    )
    return dataclasses.replace(site, **changes)


def make_secrets(identifier: str = "saint-paul") -> Secrets:
    """Return secrets that differ for every identifier and hold what breaks careless quoting."""
    return Secrets(
        db_password=f"db-{identifier}-'\"$\\ é%/@:#",
        db_root_password=f"root-{identifier}-'\"$\\ é%/@:#",
        drupal_admin_user="admin",
        drupal_admin_password=f"admin-{identifier}-'\"$",
        site_key=f"site-key-{identifier}",
        cred_key=f"cred-key-{identifier}",
        sign_key=f"sign-key-{identifier}",
        hash_salt=f"salt-{identifier}-'\\",
        manifest_key=f"manifest-key-{identifier}",
    )


def make_spec(identifier: str = "saint-paul", **changes: Any) -> InstanceSpec:
    """Return the spec of one instance; its tenant is `identifier` less a "-sandbox" or "-verification" ending."""
    tenant = changes.pop("tenant", identifier.removesuffix("-sandbox").removesuffix("-verification"))
    spec = InstanceSpec(
        identifier=identifier,
        tenant=tenant,
        kind=InstanceKind.PRODUCTION,
        host=f"www.{identifier}.example.org",
        plan=make_plan(),
        release=make_release(),
        site=make_site(tenant),
        secrets=make_secrets(identifier),
    )
    return dataclasses.replace(spec, **changes)
