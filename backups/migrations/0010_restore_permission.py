"""The permission to restore; whoever may ask for operations keeps all that this opened before."""

from typing import Any

from django.db import migrations

OPENED = (
    ("backups", "backup", "restore_backup", "Can restore backup"),
    ("backups", "backup", "delete_backup", "Can delete backup"),
    ("tenants", "instance", "delete_instance", "Can delete instance"),
    ("tenants", "instance", "add_instance", "Can add instance"),
)


def keep_what_people_may(apps: Any, _editor: Any) -> None:
    permissions = apps.get_model("auth", "Permission")
    asking = permissions.objects.filter(content_type__app_label="operations", codename="add_operation").first()
    if asking is None:  # a new installation
        return
    types = apps.get_model("contenttypes", "ContentType")
    for app, model, codename, name in OPENED:
        kind, _made = types.objects.get_or_create(app_label=app, model=model)
        opened, _made = permissions.objects.get_or_create(content_type=kind, codename=codename, defaults={"name": name})
        for holder in (*asking.user_set.all(), *asking.group_set.all()):
            held = holder.user_permissions if hasattr(holder, "user_permissions") else holder.permissions
            held.add(opened)


class Migration(migrations.Migration):
    dependencies = [
        ("backups", "0009_checklist_notes"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="backup",
            options={
                "ordering": ("-id",),
                "permissions": (("restore_backup", "Can restore backup"),),
                "verbose_name": "backup",
                "verbose_name_plural": "backups",
            },
        ),
        migrations.RunPython(keep_what_people_may, migrations.RunPython.noop),
    ]
