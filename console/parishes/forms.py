"""The form of a parish: the same rules as every other door, a reason beside each value."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from domain.errors import CiviparoisseError
from domain.parameters import PARAMETERS, SECRET_FIELDS, validate_tenant
from tenants.models import Tenant


def _make_password_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        # Never sent back to the browser.
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        help_text=_("Empty keeps the present one. It goes when the account above is emptied."),
    )


class TenantForm(forms.ModelForm):  # type: ignore[type-arg]
    """Creates or changes a parish. The sub-domain is fixed once it exists; passwords go in and never come out."""

    smtp_password = _make_password_field(_("SMTP password"))
    imap_password = _make_password_field(_("IMAP password"))

    class Meta:
        model = Tenant
        fields = tuple(PARAMETERS)
        help_texts = {
            "name": _("Straight apostrophes are recorded as ’; straight double quotes are refused, use « »."),
            "slug": _("Part of the address, for ever: lower-case letters, digits and hyphens, e.g. saint-paul."),
            "phone": _("E.g. 03 88 00 00 00; recorded in its international form."),
            "smtp_host": _("Empty: the instance sends no mail through a server of its own."),
            "return_path": _("Empty: the mail of the CiviCRM domain."),
            "verp_localpart": _("Empty: civibounce+"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "slug" in self.fields:
            self.fields["slug"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Return the values in their recorded form; name every fault beside its field."""
        super().clean()
        values: dict[str, Any] = {name: self._get_value(name) for name in PARAMETERS}
        for name in SECRET_FIELDS:
            values[name] = self._choose_password(name, values)
            # Also when something else is refused: the row behind the form keeps its password.
            if name in self.cleaned_data:
                self.cleaned_data[name] = values[name]
        try:
            self.cleaned_data = validate_tenant(values)
        except CiviparoisseError as error:
            for fault in error.params["fields"]:
                # What the form itself refused has its reason already.
                if fault["field"] not in self.errors:
                    self.add_error(fault["field"] if fault["field"] in self.fields else None, fault["reason"])
        return self.cleaned_data

    def _get_value(self, name: str) -> Any:
        """Return what was typed; the present value of a parameter that this form does not show."""
        if name in self.fields:
            return self.cleaned_data.get(name)
        return getattr(self.instance, name)

    def _choose_password(self, name: str, values: dict[str, Any]) -> str:
        """Return the password typed, else the present one as long as there is an account for it."""
        typed: str = values[name] or ""
        user = values[name.replace("_password", "_user")]
        present: str = getattr(self.instance, name) if user else ""
        return typed or present
