"""The form of a contact: who it is, and what the person may do. Its address is fixed once it exists."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from domain.errors import CiviparoisseError
from parish_requests.contacts import check_contact
from parish_requests.models import ParishContact
from tenants.models import Tenant

FIXED = ("tenant", "mail")
ROLES = ("may_ask", "is_informed")
# Beside which field each refusal is told.
PLACES = {
    "contact_name_invalid": "name",
    "contact_mail_invalid": "mail",
    "contact_exists": "mail",
    "contact_has_no_role": "is_informed",
}


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]
    """Records a contact or changes what it may do. Another address is another contact: it is to be confirmed anew."""

    class Meta:
        model = ParishContact
        fields = ("tenant", "name", "mail", "may_ask", "is_informed")
        help_texts = {
            "mail": gettext_lazy("A mail is sent there; the contact may do nothing before it is answered."),
            "may_ask": gettext_lazy("May sign in to the parish’s pages, and ask there."),
            "is_informed": gettext_lazy("Is told of every request of the parish, whoever asked."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in FIXED:
                if name in self.fields:
                    self.fields[name].disabled = True
            if "mail" in self.fields:
                self.fields["mail"].help_text = gettext_lazy(
                    "Fixed: for another address remove this contact and add one."
                )

    def clean(self) -> dict[str, Any]:
        """Return the values as they are recorded; name every fault beside its field."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return values
        given = {name: values.get(name, getattr(self.instance, name)) for name in ("name", "mail", *ROLES)}
        try:
            values["name"], values["mail"] = check_contact(**given)
            refuse_known(values.get("tenant"), values["mail"], contact=self.instance)
        except CiviparoisseError as error:
            self.add_error(PLACES.get(error.code), str(error))
        return values


def refuse_known(tenant: Tenant | None, mail: str, *, contact: ParishContact) -> None:
    """Raise CiviparoisseError `contact_exists` where another contact of `tenant` has this address."""
    if tenant is not None and tenant.contacts.filter(mail=mail).exclude(pk=contact.pk).exists():
        raise CiviparoisseError("contact_exists", tenant=tenant.slug, mail=mail)
