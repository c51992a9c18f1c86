import django.db.models.deletion
import parish_requests.models
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("backups", "0010_restore_permission"),
        ("operations", "0007_room_in_instances"),
        ("tenants", "0006_order_of_parishes"),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "second_from_lost_percent",
                    models.PositiveSmallIntegerField(default=5, verbose_name="second person from a loss of (%)"),
                ),
                (
                    "second_from_days",
                    models.PositiveSmallIntegerField(default=14, verbose_name="second person from an age of (days)"),
                ),
                ("telephone", models.CharField(blank=True, max_length=32, verbose_name="telephone of UEPAL")),
                ("shows_costs", models.BooleanField(default=False, verbose_name="parishes see their costs")),
            ],
            options={
                "verbose_name": "rules of requests",
                "verbose_name_plural": "rules of requests",
            },
        ),
        migrations.CreateModel(
            name="ParishContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("mail", models.EmailField(max_length=254, verbose_name="mail")),
                ("may_ask", models.BooleanField(default=True, verbose_name="may ask")),
                ("is_informed", models.BooleanField(default=True, verbose_name="is informed")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="address confirmed")),
                ("confirmation_sha256", models.CharField(blank=True, db_index=True, max_length=64)),
                ("confirmation_sent_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="recorded")),
                ("created_by", models.CharField(blank=True, max_length=150, verbose_name="recorded by")),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="tenants.tenant",
                        verbose_name="parish",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact of a parish",
                "verbose_name_plural": "contacts of parishes",
                "ordering": ("tenant", "name", "id"),
            },
        ),
        migrations.CreateModel(
            name="RestoreRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=parish_requests.models.make_reference,
                        max_length=9,
                        unique=True,
                        verbose_name="reference",
                    ),
                ),
                (
                    "wish",
                    models.CharField(
                        choices=[
                            ("restore", "go back to an earlier moment"),
                            ("show_first", "be shown an earlier moment first"),
                            ("practice", "a copy to practise on"),
                            ("backup", "a backup now"),
                            ("download", "their data as a file"),
                            ("help", "help"),
                            ("undo", "undo a restore"),
                        ],
                        max_length=12,
                        verbose_name="asked for",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("deleted", "something was deleted by mistake"),
                            ("import", "an import went wrong"),
                            ("broken", "the site does not work any more"),
                            ("other", "something else"),
                        ],
                        default="other",
                        max_length=10,
                        verbose_name="what happened",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("everything", "everything"),
                            ("data", "the data only"),
                            ("files", "the files only"),
                            ("part", "one file or folder"),
                        ],
                        default="everything",
                        max_length=12,
                        verbose_name="how much",
                    ),
                ),
                ("part", models.CharField(blank=True, max_length=1000, verbose_name="file or folder")),
                ("why", models.TextField(blank=True, max_length=4000, verbose_name="why")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "not sent yet"),
                            ("submitted", "waits for an answer of UEPAL"),
                            ("question", "UEPAL has asked something back"),
                            ("approved", "approved"),
                            ("scheduled", "approved, begins later"),
                            ("running", "is being done"),
                            ("done", "done"),
                            ("undone", "done and undone"),
                            ("refused", "refused"),
                            ("expired", "ended unanswered"),
                            ("withdrawn", "withdrawn"),
                            ("failed", "has failed"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("asked_name", models.CharField(blank=True, max_length=80, verbose_name="asked by")),
                ("asked_mail", models.EmailField(blank=True, max_length=254, verbose_name="mail")),
                ("entered_by", models.CharField(blank=True, max_length=150, verbose_name="entered by")),
                ("channel", models.CharField(blank=True, max_length=200, verbose_name="how it was asked")),
                ("preview", models.JSONField(blank=True, default=dict)),
                ("previewed_at", models.DateTimeField(blank=True, null=True, verbose_name="compared")),
                ("approvals_needed", models.PositiveSmallIntegerField(default=1, verbose_name="approvals needed")),
                ("not_before", models.DateTimeField(blank=True, null=True, verbose_name="begins")),
                ("refusal", models.TextField(blank=True, max_length=2000, verbose_name="why it was refused")),
                ("error_code", models.CharField(blank=True, max_length=64)),
                ("error_params", models.JSONField(blank=True, default=dict)),
                (
                    "external_reference",
                    models.CharField(blank=True, max_length=64, verbose_name="reference of the helpdesk"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="begun")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="ends unanswered")),
                ("warned_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("is_satisfied", models.BooleanField(blank=True, null=True, verbose_name="satisfied")),
                ("satisfied_why", models.CharField(blank=True, max_length=1000, verbose_name="why")),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="requests",
                        to="parish_requests.parishcontact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "backup",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="requests",
                        to="backups.backup",
                        verbose_name="moment",
                    ),
                ),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="tenants.instance",
                        verbose_name="instance",
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="requests",
                        to="operations.operation",
                        verbose_name="operation",
                    ),
                ),
                (
                    "safety_backup",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="undoing_requests",
                        to="backups.backup",
                        verbose_name="safety copy",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="tenants.tenant",
                        verbose_name="parish",
                    ),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="undone_by",
                        to="parish_requests.restorerequest",
                        verbose_name="undoes",
                    ),
                ),
            ],
            options={
                "verbose_name": "request of a parish",
                "verbose_name_plural": "requests of parishes",
                "ordering": ("-id",),
                "permissions": (("approve_restorerequest", "Can approve request of a parish"),),
            },
        ),
        migrations.CreateModel(
            name="RequestEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[("contact", "the parish"), ("staff", "UEPAL"), ("manager", "the manager")],
                        max_length=8,
                        verbose_name="who",
                    ),
                ),
                ("actor", models.CharField(blank=True, max_length=254, verbose_name="by")),
                ("origin", models.CharField(blank=True, max_length=45, verbose_name="from")),
                ("what", models.CharField(max_length=20, verbose_name="what")),
                ("data", models.JSONField(blank=True, default=dict)),
                ("previous_sha256", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="parish_requests.restorerequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of the record of a request",
                "verbose_name_plural": "record of requests",
                "ordering": ("request", "number"),
            },
        ),
        migrations.CreateModel(
            name="RequestApproval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("by", models.CharField(max_length=150, verbose_name="by")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("preview_sha256", models.CharField(max_length=64)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals",
                        to="parish_requests.restorerequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "approval",
                "verbose_name_plural": "approvals",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="ContactMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.CharField(max_length=40, unique=True, verbose_name="identifier")),
                ("address", models.EmailField(max_length=254, verbose_name="address")),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("body", models.TextField(blank=True, verbose_name="text")),
                ("is_secret", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(verbose_name="written")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("last_error", models.CharField(blank=True, max_length=300, verbose_name="last error")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                ("given_up_at", models.DateTimeField(blank=True, null=True, verbose_name="given up")),
                (
                    "request",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="parish_requests.restorerequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "mail to a contact",
                "verbose_name_plural": "mails to contacts",
                "ordering": ("-id",),
            },
        ),
        migrations.AddConstraint(
            model_name="parishcontact",
            constraint=models.UniqueConstraint(fields=("tenant", "mail"), name="one_contact_per_address"),
        ),
        migrations.AddIndex(
            model_name="restorerequest",
            index=models.Index(fields=["state", "not_before"], name="request_by_state"),
        ),
        migrations.AddConstraint(
            model_name="requestevent",
            constraint=models.UniqueConstraint(fields=("request", "number"), name="one_line_per_number"),
        ),
        migrations.AddConstraint(
            model_name="requestapproval",
            constraint=models.UniqueConstraint(fields=("request", "by"), name="one_approval_per_person"),
        ),
        migrations.AddIndex(
            model_name="contactmail",
            index=models.Index(fields=["sent_at", "given_up_at", "due_at"], name="mail_by_due"),
        ),
    ]
