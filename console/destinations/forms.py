"""The form of a destination: the same rules as every other door, a reason beside each value; secrets go in only."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import UnfoldAdminTextInputWidget, UnfoldBooleanWidget
from console.clusters.forms import WriteOnlyWidget
from domain.errors import CiviparoisseError
from offsite.destinations import GENERAL, validate_destination
from offsite.documents import describe_retirement, read_settings
from offsite.models import Destination
from offsite.providers import SETTINGS, Setting

LABELS = {
    "bucket": gettext_lazy("Bucket"),
    "folder": gettext_lazy("Folder"),
    "endpoint": gettext_lazy("Address of the service"),
    "region": gettext_lazy("Region"),
    "access_key_id": gettext_lazy("Access key"),
    "secret_access_key": gettext_lazy("Secret of the access key"),
    "write_access_key_id": gettext_lazy("Access key that only writes (for the pods)"),
    "write_secret_access_key": gettext_lazy("Secret of the access key that only writes"),
    "container": gettext_lazy("Container"),
    "account": gettext_lazy("Account"),
    "key": gettext_lazy("Key of the account"),
    "service_account": gettext_lazy("Service account (JSON key)"),
    "write_service_account": gettext_lazy("Service account that only writes (JSON key, for the pods)"),
    "host": gettext_lazy("Host"),
    "port": gettext_lazy("Port"),
    "host_key": gettext_lazy("Key of the host"),
    "user": gettext_lazy("User"),
    "password": gettext_lazy("Password"),
    "private_key": gettext_lazy("Private key"),
    "url": gettext_lazy("Address"),
    "path": gettext_lazy("Path"),
}
SECRET_HELP = gettext_lazy("It is never shown again; empty keeps the present one.")


def name_field(kind: str, setting: str) -> str:
    """Return the field of a setting: settings of several kinds have the same name."""
    return f"{kind}__{setting}"


def _make_field(name: str, setting: Setting) -> forms.Field:
    if setting.is_secret:
        widget = WriteOnlyWidget(attrs={"autocomplete": "off", "spellcheck": "false", "rows": 3})
        return forms.CharField(label=LABELS[name], required=False, strip=False, widget=widget, help_text=SECRET_HELP)
    return forms.CharField(label=LABELS[name], required=False, widget=UnfoldAdminTextInputWidget)


class DestinationForm(forms.ModelForm):  # type: ignore[type-arg]
    """Records or changes a destination. Name and kind are fixed once it exists."""

    accept_loss = forms.BooleanField(
        label=gettext_lazy("Take it out of use all the same"),
        help_text=gettext_lazy("Asked only where something is nowhere else."),
        required=False,
        widget=UnfoldBooleanWidget,
    )

    # On no page and never read: with it, what another person changed of the settings meanwhile is told too.
    settings = forms.CharField(label=gettext_lazy("Settings"), required=False, widget=WriteOnlyWidget)

    class Meta:
        model = Destination
        fields = tuple(name for name in GENERAL)
        help_texts = {
            "name": gettext_lazy("For ever: lower-case letters, digits and hyphens, e.g. strasbourg."),
            "bandwidth_kib": gettext_lazy("0: no limit."),
            "lock_days": gettext_lazy("As long as the sets are kept. In compliance mode nobody can undo it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = read_settings(self.instance) if self.instance.pk else {}
        for kind, declared in SETTINGS.items():
            for name, setting in declared.items():
                field = _make_field(name, setting)
                if kind == self.instance.kind and not setting.is_secret:
                    field.initial = self.kept.get(name)
                self.fields[name_field(kind, name)] = field
        if self.instance.pk:
            for name in ("name", "kind"):
                if name in self.fields:
                    self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """Return the values, those of the chosen kind as `data`; name every fault beside its field."""
        super().clean()
        kind = self.cleaned_data.get("kind") or self.instance.kind
        data: dict[str, Any] = {name: self.cleaned_data.get(name, getattr(self.instance, name)) for name in GENERAL}
        for name, setting in SETTINGS.get(kind, {}).items():
            typed = self.cleaned_data.get(name_field(kind, name)) or ""
            kept = self.kept.get(name, "") if setting.is_secret else ""
            data[name] = typed if typed.strip() else kept
        try:
            validate_destination(data)
        except CiviparoisseError as error:
            for fault in error.params["fields"]:
                field = fault["field"] if fault["field"] in self.fields else name_field(kind, fault["field"])
                if field not in self.errors:
                    self.add_error(field if field in self.fields else None, fault["reason"])
        self._refuse_loss()
        self.cleaned_data["data"] = data
        return self.cleaned_data

    def _refuse_loss(self) -> None:
        """Refuse to take a destination out of use that alone has something, unless it was ticked."""
        leaves = self.instance.pk and Destination.objects.filter(pk=self.instance.pk, enabled=True).exists()
        if not leaves or self.cleaned_data.get("enabled") or self.cleaned_data.get("accept_loss"):
            return
        lost = describe_retirement(self.instance)
        if lost:
            self.add_error("accept_loss", " ".join(lost) + " " + _("Tick this to go on."))
