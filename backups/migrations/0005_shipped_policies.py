"""The three policies that installations begin with, and which kind of instance has which by default."""

from django.db import migrations

SHIPPED = (
    {"name": "critical", "label": "Paroisses en production : chaque nuit, 30 jours et 12 mois", "frequency": "nightly"}
    | {"keep_daily": 30, "keep_monthly": 12, "safety_days": 14, "final_days": 400, "proof_days": 31},
    {
        "name": "medium",
        "label": "Ce qui peut perdre une semaine : chaque semaine, 4 semaines",
        "frequency": "weekly",
        "keep_weekly": 4,
    }
    | {"safety_days": 14, "final_days": 400, "warning_hours": 192, "critical_hours": 360, "proof_days": 92},
    {
        "name": "low",
        "label": "Ce qui peut perdre un mois : chaque mois, 3 mois",
        "frequency": "monthly",
        "keep_monthly": 3,
    }
    | {"safety_days": 14, "final_days": 400, "warning_hours": 792, "critical_hours": 1512, "proof_days": 0},
)
DEFAULTS = {"production": "critical", "sandbox": "medium", "verification": "low"}


def ship(apps, schema_editor):  # noqa: ARG001 - Django's signature
    policies = apps.get_model("backups", "BackupPolicy")
    for values in SHIPPED:
        policies.objects.get_or_create(name=values["name"], defaults=values)
    for kind, name in DEFAULTS.items():
        values = {"policy": policies.objects.get(name=name)}
        apps.get_model("backups", "PolicyDefault").objects.get_or_create(kind=kind, defaults=values)


class Migration(migrations.Migration):
    dependencies = [
        ("backups", "0004_policies"),
    ]

    operations = [
        migrations.RunPython(ship, migrations.RunPython.noop),
    ]
