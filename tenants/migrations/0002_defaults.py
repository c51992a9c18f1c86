"""The default plan (the chart's figures, docs/domain.md#sizes) and release (docs/domain.md#images)."""

from django.db import migrations

MEBIBYTE = 1024**2
GIBIBYTE = 1024**3

# MiB and millicores, request = limit, as the chart's values.yaml. `backup` is ours, the chart has none: dump, tar and
# compressor stream, so their memory does not grow with the data; the CPU is the cron's, so that a backup at night
# never asks a node for more than a cron run does.
CONTAINERS = {
    "db": (384, 250),
    "db_init": (768, 1000),
    "db_router": (100, 100),
    "httpd": (1024, 1000),
    "httpd_init": (50, 100),
    "cron": (256, 250),
    "cron_init": (50, 100),
    "backup": (256, 250),
}
# The chart's three volumes of 1 GiB. The backups' is ours: a set, and the safety backup that a restore takes first.
VOLUMES = {
    "db_volume_bytes": GIBIBYTE,
    "files_volume_bytes": GIBIBYTE,
    "private_volume_bytes": GIBIBYTE,
    "backups_volume_bytes": 2 * GIBIBYTE,
}
PREFORK = {
    "max_request_workers": 4,
    "server_limit": 4,
    "start_servers": 4,
    "min_spare_servers": 1,
    "max_spare_servers": 4,
    "max_connections_per_child": 1,
    "listen_backlog": 1,
}
# The chart's prefix and its default tag (imageVersion); a release for production names tags of its own.
IMAGES = {
    "db": "uepal_test/mysql_tls_server:latest",
    "db_init": "uepal_test/init:latest",
    "db_update": "uepal_test/update:latest",
    "db_router": "uepal_test/mysql_tls_router:latest",
    "httpd": "uepal_test/httpd:latest",
    "httpd_init": "busybox:latest",
    "cron": "uepal_test/cron:latest",
    "cron_init": "busybox:latest",
    "tools": "uepal_test/tools:latest",
}
# Pinned by the image definitions 0.1.1.
VERSIONS = {
    "drupal": "9.5.9",
    "civicrm": "5.61.1",
    "drush": "11.5.1",
    "php": "8.1",
    "civiparoisse": "1.42.2",
    "civisetup": "0.1.0",
    "civiimport": "0.1.1",
    "civiroles": "0.1.0",
}


def ensure_defaults(apps, schema_editor):  # noqa: ARG001 - RunPython's signature
    """Make the default plan and release where there is none at all."""
    plans, containers, releases = (apps.get_model("tenants", name) for name in ("Plan", "PlanContainer", "Release"))
    if not plans.objects.exists():
        plan = plans.objects.create(name="default", is_default=True, **VOLUMES, **PREFORK)
        for container, (mebibytes, millicores) in CONTAINERS.items():
            containers.objects.create(
                plan=plan,
                container=container,
                cpu_request_millicores=millicores,
                cpu_limit_millicores=millicores,
                memory_request_bytes=mebibytes * MEBIBYTE,
                memory_limit_bytes=mebibytes * MEBIBYTE,
            )
    if not releases.objects.exists():
        releases.objects.create(name="0.1.1", is_default=True, images=IMAGES, versions=VERSIONS)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    # Going back leaves the rows: instances may use them.
    operations = [migrations.RunPython(ensure_defaults, migrations.RunPython.noop)]
