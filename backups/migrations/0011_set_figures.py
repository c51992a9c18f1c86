"""What people know of a set is kept on its row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backups", "0010_restore_permission")]

    operations = [
        migrations.AddField(
            model_name="backup",
            name="figures",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
    ]
