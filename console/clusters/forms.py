"""The form of a cluster: the same rules as every other door, a reason beside each value; secrets go in only."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import UnfoldAdminTextareaWidget, UnfoldBooleanWidget
from clusters.models import Cluster
from clusters.parameters import PARAMETERS, SECRET_FIELDS, validate_cluster
from domain.errors import CiviparoisseError
from engine.registry import list_registered


class WriteOnlyWidget(UnfoldAdminTextareaWidget):  # type: ignore[misc]
    """A text that is never sent back to the browser, not even when another value is refused."""

    is_write_only = True

    def format_value(self, value: Any) -> str | None:  # noqa: ARG002 - Django's signature
        """Return nothing."""
        return None


class SettingsField(forms.CharField):
    """The rare settings as a JSON object; each name once."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        """Return the object on several lines; what was typed as it was."""
        return json.dumps(value, ensure_ascii=False, indent=2) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        """Return the object. Raise ValidationError."""
        text = super().to_python(value)
        if not text:
            return {}
        try:
            document = json.loads(text, object_pairs_hook=_make_object)
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("This is not a JSON object."), code="invalid") from error
        if not isinstance(document, dict):
            raise ValidationError(_("This is not a JSON object."), code="invalid")
        return document

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether other settings were typed."""
        try:
            return bool(self.to_python(data) != (initial or {}))
        except ValidationError:
            return True


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a name comes twice")
    return document


class ClusterForm(forms.ModelForm):  # type: ignore[type-arg]
    """Records or changes a cluster. Its name is fixed once it exists."""

    kubeconfig = forms.CharField(
        required=False,
        strip=False,
        widget=WriteOnlyWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One that stands alone, with the token of deploy/rbac.yaml. It is never shown again; empty keeps the "
            "present one. Without one, the manager uses the account of its own pod."
        ),
    )
    forget_kubeconfig = forms.BooleanField(
        label=gettext_lazy("Forget the kubeconfig"),
        help_text=gettext_lazy("The manager then uses the account of its own pod."),
        required=False,
        widget=UnfoldBooleanWidget,
    )
    image_pull_config = forms.CharField(
        label=gettext_lazy("Account of the image registry"),
        required=False,
        strip=False,
        widget=WriteOnlyWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("A .dockerconfigjson document. It is never shown again; empty keeps the present one."),
    )
    forget_image_pull_config = forms.BooleanField(
        label=gettext_lazy("Forget the account of the image registry"), required=False, widget=UnfoldBooleanWidget
    )
    settings = SettingsField(
        label=gettext_lazy("Rare settings"),
        required=False,
        help_text=gettext_lazy('A JSON object, e.g. {"ingress_cidrs": ["10.0.0.0/24"]}; docs/clusters.md lists them.'),
    )

    class Meta:
        model = Cluster
        fields = tuple(PARAMETERS)
        help_texts = {
            "name": gettext_lazy("For ever: lower-case letters, digits and hyphens, e.g. strasbourg."),
            "domain": gettext_lazy("Of the hosts of new instances. Empty: the installation’s domain."),
            "host_template": gettext_lazy(
                "How hosts of new instances are made, e.g. {slug}.{domain}; those that exist keep theirs. A certificate"
                " for *.DOMAIN does not cover www.{slug}.{domain}. Empty: as the installation says."
            ),
            "storage_class": gettext_lazy("Empty: the cluster’s default class."),
            "ingress_class": gettext_lazy("Of the standard Ingress. Empty: the cluster’s default class."),
            "ingress_namespace": gettext_lazy("Where the controller’s pods run, which alone may reach the pages."),
            "ingress_tls_secret": gettext_lazy("Empty: the controller’s own certificate."),
            "priority_class": gettext_lazy("Empty: the cluster’s default."),
            "deletion_grace_hours": gettext_lazy("For so long a deletion can be undone."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "name" in self.fields:
            self.fields["name"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Return the values in their recorded form; name every fault beside its field."""
        super().clean()
        values: dict[str, Any] = {name: self._get_value(name) for name in PARAMETERS}
        for name in SECRET_FIELDS:
            values[name] = self._choose_secret(name)
            if name in self.cleaned_data:
                # Also when something else is refused: the row behind the form keeps its secret.
                self.cleaned_data[name] = values[name]
        taken = () if self.instance.pk else list_registered()
        try:
            recorded = validate_cluster(values, taken=taken)
        except CiviparoisseError as error:
            for fault in error.params["fields"]:
                # What the form itself refused has its reason already.
                if fault["field"] not in self.errors:
                    self.add_error(fault["field"] if fault["field"] in self.fields else None, fault["reason"])
            return self.cleaned_data
        self.cleaned_data.update(recorded)
        return self.cleaned_data

    def _get_value(self, name: str) -> Any:
        """Return what was typed; the present value of a parameter that this form does not show."""
        return self.cleaned_data.get(name) if name in self.fields else getattr(self.instance, name)

    def _choose_secret(self, name: str) -> str:
        """Return the secret typed, else the present one unless it is to be forgotten."""
        typed: str = self.cleaned_data.get(name) or ""
        if typed.strip():
            return typed
        return "" if self.cleaned_data.get(f"forget_{name}") else str(getattr(self.instance, name))
