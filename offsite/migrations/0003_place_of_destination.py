"""Destinations get a digest of where they are, so that two names of one bucket are not two places."""

from django.db import migrations, models

from offsite.providers import compute_place
from tenants.encryption import UnreadableSecret


def fill_places(apps, _schema_editor):
    for row in apps.get_model("offsite", "Destination").objects.all():
        if isinstance(row.settings, UnreadableSecret):
            continue  # whoever gives the key back, or the settings anew, makes it a place again
        row.place = compute_place(row.kind, row.settings)
        row.save(update_fields=["place"])


class Migration(migrations.Migration):
    dependencies = [("offsite", "0002_removal_and_recipients")]

    operations = [
        migrations.AddField(model_name="destination", name="place", field=models.CharField(blank=True, max_length=64)),
        migrations.RunPython(fill_places, migrations.RunPython.noop),
    ]
