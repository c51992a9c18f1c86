"""Images of a release have the names of their roles in the blueprint: until here the default release named them after
containers, and of what a release said of these nothing reached a cluster."""

from typing import Any

from django.db import migrations, models

import tenants.plan_rules

ROLES = {
    "db_init": "init",
    "db_update": "update",
    "db_router": "router",
    "httpd_init": "wait",
    "cron_init": "wait",
}
KNOWN = frozenset({"db", "router", "init", "update", "httpd", "cron", "wait", "backup"})


def rename_images(apps: Any, _schema_editor: object) -> None:
    """Give each image its role's name, unless the release names that role already; leave out what no role uses."""
    for release in apps.get_model("tenants", "Release").objects.all():
        images = {name: reference for name, reference in release.images.items() if name in KNOWN}
        for name, role in ROLES.items():
            if name in release.images:
                images.setdefault(role, release.images[name])
        if images != release.images:
            release.images = images
            release.save(update_fields=["images"])


class Migration(migrations.Migration):
    """Rename, then refuse what is no role."""

    dependencies = [("tenants", "0004_activity")]

    operations = [
        migrations.RunPython(rename_images, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="release",
            name="images",
            field=models.JSONField(
                blank=True, default=dict, validators=[tenants.plan_rules.validate_images], verbose_name="images"
            ),
        ),
    ]
