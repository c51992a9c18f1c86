"""Scopes and parishes of tokens; those made before go on, read-only, until they are renewed."""

import api.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0002_token_scope_and_end"),
        ("tenants", "0006_order_of_parishes"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="scopes",
            # Those that are there: none, which only reads.
            field=models.JSONField(default=list, verbose_name="scopes"),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="scopes",
            field=models.JSONField(default=api.models.make_read_scope, verbose_name="scopes"),
        ),
        migrations.RemoveField(model_name="apitoken", name="scope"),
        migrations.AddField(
            model_name="apitoken",
            name="all_parishes",
            field=models.BooleanField(default=True, verbose_name="all parishes"),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="parishes",
            field=models.ManyToManyField(blank=True, related_name="+", to="tenants.tenant", verbose_name="parishes"),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="made_by",
            field=models.CharField(blank=True, max_length=150, verbose_name="made by"),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="revoked_by",
            field=models.CharField(blank=True, max_length=150, verbose_name="revoked by"),
        ),
    ]
