"""Destinations get a digest of where they are, so that two names of one bucket are not two places."""

from django.db import migrations, models

from offsite.providers import compute_place


def fill_places(apps, _schema_editor):
    for row in apps.get_model("offsite", "Destination").objects.all():
        row.place = compute_place(row.kind, row.settings or {})
        row.save(update_fields=["place"])


class Migration(migrations.Migration):
    dependencies = [("offsite", "0002_removal_and_recipients")]

    operations = [
        migrations.AddField(model_name="destination", name="place", field=models.CharField(blank=True, max_length=64)),
        migrations.RunPython(fill_places, migrations.RunPython.noop),
    ]
