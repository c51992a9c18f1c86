"""Rows for tests: the fixed cast of parishes in the manager's own database."""

from domain.states import InstanceState
from tenants.models import Instance, Plan, PlanContainer, Release, Tenant
from tests.builders import CAST, GIBIBYTE, MEBIBYTE

# Memory in MiB, CPU in millicores (docs/domain.md#sizes).
CONTAINERS = {
    "db": (384, 250),
    "db_init": (768, 1000),
    "db_router": (100, 100),
    "httpd": (1024, 1000),
    "httpd_init": (50, 100),
    "cron": (256, 250),
    "cron_init": (50, 100),
    "backup": (256, 1000),
}


def make_plan_row(name: str = "test", *, db_gibibytes: int = 1) -> Plan:
    """Return the test plan called `name`, made once."""
    plan, created = Plan.objects.get_or_create(
        name=name,
        defaults={
            "db_volume_bytes": db_gibibytes * GIBIBYTE,
            "files_volume_bytes": GIBIBYTE,
            "private_volume_bytes": GIBIBYTE,
            "backups_volume_bytes": 2 * GIBIBYTE,
        },
    )
    if created:
        for container, (mebibytes, millicores) in CONTAINERS.items():
            PlanContainer.objects.create(
                plan=plan,
                container=container,
                cpu_request_millicores=millicores,
                cpu_limit_millicores=millicores,
                memory_request_bytes=mebibytes * MEBIBYTE,
                memory_limit_bytes=mebibytes * MEBIBYTE,
            )
    return plan


def make_release_row(name: str = "test", *, civicrm: str = "5.61.1") -> Release:
    """Return the release called `name`, made once."""
    release, _created = Release.objects.get_or_create(name=name, defaults={"versions": {"civicrm": civicrm}})
    return release


def make_tenant_row(slug: str = "saint-paul") -> Tenant:
    """Return the parish called `slug`, made once."""
    name, number, street, postcode, city = CAST.get(slug, (f"Paroisse {slug}", "1", "rue", "67000", "Strasbourg"))
    tenant, _created = Tenant.objects.get_or_create(
        slug=slug,
        defaults={
            "name": name,
            "street_number": number,
            "street": street,
            "postcode": postcode,
            "city": city,
            "phone": "+33 3 88 00 00 00",
            "drupal_site_mail": f"site@{slug}.example.org",
            "civicrm_domain_mail": f"contact@{slug}.example.org",
            "civicrm_domain": f"{slug}.example.org",
            "admin_mail": f"admin@{slug}.example.org",
            "admin_name": "Jeanne Martin",
        },
    )
    return tenant


def make_instance_row(
    slug: str = "saint-paul", *, state: InstanceState = InstanceState.NEW, engine: str = "fake"
) -> Instance:
    """Return a production instance of the parish `slug` on `engine`."""
    return Instance.objects.create(
        tenant=make_tenant_row(slug),
        identifier=slug,
        host=f"www.{slug}.example.org",
        plan=make_plan_row(),
        release=make_release_row(),
        engine=engine,
        state=state.value,
    )
