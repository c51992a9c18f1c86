"""What a person chooses before an operation begins: one small form a kind, and the parameters it gives."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.models import BackupMode, BackupScope
from backups.prune_parameters import MOST_DAYS
from civiparoisse.admin_base import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)
from domain.specs import DATABASES
from domain.states import OperationKind
from tenants.models import Instance, Plan, Release

# Marks what the description of the operation depends on (admin.js).
DESCRIBES = {"data-describes": "yes"}
ONE_DATABASE = "database:"


class RequestForm(forms.Form):
    """No choice but to confirm. `idempotency_key`: made with the page, so that a second click begins nothing twice."""

    # The field without which nothing can be told of what will happen, and what is told instead.
    awaited = ""
    awaited_text: Any = ""

    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, instance: Instance, *args: Any, **kwargs: Any) -> None:
        self.instance = instance
        super().__init__(*args, **kwargs)

    def make_parameters(self, values: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - others have choices
        """Return the operation's parameters, given the values of the fields."""
        return {}

    def list_visible(self) -> list[forms.BoundField]:
        """Return the fields that the page shows one below the other."""
        return [field for field in self.visible_fields() if field.name not in ("backup_id", "confirm")]


class ConfirmedRequestForm(RequestForm):
    """Data is replaced or lost: the identifier is typed to confirm."""

    confirm = forms.CharField(
        max_length=63,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_confirm(self) -> str:
        """Return the identifier. Raise ValidationError when something else was typed."""
        typed: str = self.cleaned_data["confirm"].strip()
        if typed != self.instance.identifier:
            raise ValidationError(_("Type %(instance)s to confirm.") % {"instance": self.instance.identifier})
        return typed


class BackupForm(RequestForm):
    """Everything, while the site goes on working, unless something else is chosen."""

    scope = forms.ChoiceField(
        label=gettext_lazy("What is backed up"),
        choices=[
            (BackupScope.FULL.value, gettext_lazy("everything (recommended)")),
            (BackupScope.DATABASE.value, gettext_lazy("the databases only")),
            (BackupScope.FILES.value, gettext_lazy("the files only")),
        ],
        initial=BackupScope.FULL.value,
        widget=UnfoldAdminRadioSelectWidget(attrs=DESCRIBES),
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Meanwhile"),
        choices=[
            (BackupMode.HOT.value, gettext_lazy("the site goes on working (recommended)")),
            (BackupMode.COLD.value, gettext_lazy("the site is stopped, then started again")),
        ],
        initial=BackupMode.HOT.value,
        widget=UnfoldAdminRadioSelectWidget(attrs=DESCRIBES),
    )

    def make_parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return scope and mode."""
        return {"scope": values["scope"], "mode": values["mode"]}


class RestoreForm(ConfirmedRequestForm):
    """A good backup, all of it or a part, with a safety backup unless that is refused."""

    awaited = "backup_id"
    awaited_text = gettext_lazy("Choose a backup: what will happen is then told here.")

    backup_id = forms.CharField(
        max_length=32, error_messages={"required": gettext_lazy("Choose the backup to restore.")}
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("What is restored"),
        required=False,
        choices=[
            ("", gettext_lazy("everything that the backup holds")),
            (BackupScope.DATABASE.value, gettext_lazy("the databases only")),
            (BackupScope.FILES.value, gettext_lazy("the files only")),
            *[
                (f"{ONE_DATABASE}{name}", gettext_lazy("the database {name} only").format(name=name))
                for name in DATABASES
            ],
        ],
        widget=UnfoldAdminRadioSelectWidget(attrs=DESCRIBES),
    )
    safety_backup = forms.BooleanField(
        label=gettext_lazy("Take a safety backup first"),
        help_text=gettext_lazy(
            "If the restore fails, it is put back by itself. Keep it unless there is no more space."
        ),
        initial=True,
        required=False,
        widget=UnfoldBooleanWidget(attrs=DESCRIBES),
    )
    source = ""

    def make_parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what restore takes. `source`, the instance the chosen backup is of, is set by the page."""
        chosen: str = values["scope"]
        database = chosen.removeprefix(ONE_DATABASE) if chosen.startswith(ONE_DATABASE) else ""
        return {
            "backup_id": values["backup_id"],
            "source": self.source,
            "scope": "" if database else chosen,
            "database": database,
            "safety_backup": bool(values["safety_backup"]),
            "confirm": self.instance.identifier,
        }


class PruneForm(ConfirmedRequestForm):
    """All backups older than so many days, or the one that a link named; the newest good ones always stay."""

    older_than_days = forms.IntegerField(
        label=gettext_lazy("Remove the backups older than (days)"),
        help_text=gettext_lazy("The newest good backup always stays."),
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget(attrs=DESCRIBES),
    )
    backup_id = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)

    def __init__(self, instance: Instance, *args: Any, **kwargs: Any) -> None:
        super().__init__(instance, *args, **kwargs)
        self.fields["older_than_days"].initial = settings.BACKUP_RETENTION_DAYS
        if (kwargs.get("data") or kwargs.get("initial") or {}).get("backup_id"):
            del self.fields["older_than_days"]

    def make_parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the age or the backup, and the confirmation."""
        confirmed = {"confirm": self.instance.identifier}
        if values.get("backup_id"):
            return {"backup_ids": [values["backup_id"]], **confirmed}
        return {"older_than_days": values.get("older_than_days") or None, **confirmed}


class DeletionForm(ConfirmedRequestForm):
    """A final backup and the earlier ones are kept unless that is refused."""

    final_backup = forms.BooleanField(
        label=gettext_lazy("Take a final backup first"),
        help_text=gettext_lazy("The instance can then be brought back as it was."),
        initial=True,
        required=False,
        widget=UnfoldBooleanWidget(attrs=DESCRIBES),
    )
    purge_backups = forms.BooleanField(
        label=gettext_lazy("Delete its backups too"),
        help_text=gettext_lazy("Nothing could be brought back any more."),
        required=False,
        widget=UnfoldBooleanWidget(attrs=DESCRIBES),
    )

    def make_parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the two flags and the confirmation."""
        return {
            "final_backup": bool(values["final_backup"]),
            "purge_backups": bool(values["purge_backups"]),
            "confirm": self.instance.identifier,
        }


class ResizeForm(RequestForm):
    """Another plan."""

    awaited = "plan"
    awaited_text = gettext_lazy("Choose a plan: what will happen is then told here.")

    plan = forms.ChoiceField(
        label=gettext_lazy("The new plan"),
        error_messages={"required": gettext_lazy("Choose the new plan.")},
        widget=UnfoldAdminRadioSelectWidget(attrs=DESCRIBES),
    )

    def __init__(self, instance: Instance, *args: Any, **kwargs: Any) -> None:
        super().__init__(instance, *args, **kwargs)
        others = Plan.objects.exclude(pk=instance.plan_id).values_list("name", flat=True)
        self.fields["plan"].choices = [(name, name) for name in others]  # type: ignore[attr-defined]

    def make_parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the plan's name."""
        return {"plan": values["plan"]}


class UpgradeForm(RequestForm):
    """Another release, with a safety backup unless that is refused, and the identifier is typed then."""

    awaited = "release"
    awaited_text = gettext_lazy("Choose a release: what will happen is then told here.")

    release = forms.ChoiceField(
        label=gettext_lazy("The new release"),
        error_messages={"required": gettext_lazy("Choose the new release.")},
        widget=UnfoldAdminRadioSelectWidget(attrs=DESCRIBES),
    )
    safety_backup = forms.BooleanField(
        label=gettext_lazy("Take a safety backup first"),
        help_text=gettext_lazy(
            "If the upgrade fails, it is put back by itself. Keep it unless there is no more space."
        ),
        initial=True,
        required=False,
        widget=UnfoldBooleanWidget(attrs=DESCRIBES),
    )
    typed = forms.CharField(
        label=gettext_lazy("To go on without a safety backup, type the instance's identifier"),
        required=False,
        max_length=63,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, instance: Instance, *args: Any, **kwargs: Any) -> None:
        super().__init__(instance, *args, **kwargs)
        others = Release.objects.exclude(pk=instance.release_id).values_list("name", flat=True)
        self.fields["release"].choices = [(name, name) for name in others]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse an upgrade without a way back that nobody confirmed."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not values.get("safety_backup") and values.get("typed", "").strip() != self.instance.identifier:
            self.add_error("typed", _("Type %(instance)s to confirm.") % {"instance": self.instance.identifier})
        return values

    def make_parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what an upgrade takes."""
        return {
            "release": values["release"],
            "safety_backup": bool(values["safety_backup"]),
            "confirm": self.instance.identifier,
        }


FORMS: dict[str, type[RequestForm]] = {
    OperationKind.BACKUP: BackupForm,
    OperationKind.RESTORE: RestoreForm,
    OperationKind.RESIZE: ResizeForm,
    OperationKind.UPGRADE: UpgradeForm,
    OperationKind.PRUNE: PruneForm,
    OperationKind.DELETE: DeletionForm,
}
