from django.db import migrations

import tenants.sort_keys
from domain.collation import make_sort_key


def write_keys(apps, schema_editor):  # noqa: ARG001 - Django's signature
    tenants_of_then = apps.get_model("tenants", "Tenant").objects
    for pk, name in tenants_of_then.values_list("pk", "name"):
        tenants_of_then.filter(pk=pk).update(name_key=make_sort_key(name)[0][:128])


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0005_names_of_images"),
    ]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="name_key",
            field=tenants.sort_keys.SortKeyField(
                db_index=True, default="", editable=False, max_length=128, of="name", verbose_name="order of the name"
            ),
        ),
        migrations.RunPython(write_keys, migrations.RunPython.noop),
    ]
