import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parish_requests", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mail", models.EmailField(max_length=254, verbose_name="mail")),
                ("link_sha256", models.CharField(max_length=64, unique=True)),
                ("code_sha256", models.CharField(max_length=64)),
                ("browser_sha256", models.CharField(db_index=True, max_length=64)),
                ("wrong_codes", models.PositiveSmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("expires_at", models.DateTimeField(db_index=True, verbose_name="ends")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="used")),
            ],
            options={
                "verbose_name": "sign-in of a contact",
                "verbose_name_plural": "sign-ins of contacts",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("hour", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "attempts at the door",
                "verbose_name_plural": "attempts at the door",
                "constraints": [models.UniqueConstraint(fields=("key", "hour"), name="one_row_per_key_and_hour")],
            },
        ),
        migrations.CreateModel(
            name="DoorSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("started_at", models.DateTimeField(verbose_name="began")),
                ("expires_at", models.DateTimeField(db_index=True, verbose_name="ends")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="parish_requests.parishcontact",
                        verbose_name="contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "session of a contact",
                "verbose_name_plural": "sessions of contacts",
                "ordering": ("-id",),
            },
        ),
    ]
