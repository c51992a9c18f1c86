from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0002_changes_of_plan_and_release"),
    ]

    operations = [
        migrations.AlterField(
            model_name="operation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("provision", "provision"),
                    ("suspend", "suspend"),
                    ("resume", "resume"),
                    ("backup", "back up"),
                    ("restore", "restore"),
                    ("resize", "resize"),
                    ("upgrade", "upgrade"),
                    ("prune", "remove old backups"),
                    ("delete", "delete"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
    ]
