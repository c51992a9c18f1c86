"""Forms of those who are told, and of acknowledging. Secrets of webhooks never come back to a browser."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget
from domain.errors import CiviparoisseError
from tenants.models import Tenant
from watch.acknowledgement import MOST_DAYS, MOST_REASON
from watch.catalogue import list_choices
from watch.models import Recipient
from watch.notices.recipients import prepare


class RecipientForm(forms.ModelForm):  # type: ignore[type-arg]
    """Somebody who is told. Checks and parishes are ticked; none ticked means all."""

    checks = forms.MultipleChoiceField(
        label=gettext_lazy("Only these checks"),
        choices=list_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all of them."),
    )
    tenants = forms.MultipleChoiceField(
        label=gettext_lazy("Only these parishes"),
        choices=lambda: Tenant.objects.order_by("name").values_list("slug", "name"),
        required=False,
        help_text=gettext_lazy("None chosen: all of them, and what concerns the service as a whole."),
    )

    class Meta:
        model = Recipient
        fields = (
            "name",
            "kind",
            "address",
            "is_active",
            "least_level",
            "checks",
            "tenants",
            "quiet_from",
            "quiet_until",
            "has_digest",
        )

    def clean(self) -> dict[str, Any]:
        """Check the address, and that quiet hours have two ends."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if (values.get("quiet_from") is None) != (values.get("quiet_until") is None):
            self.add_error("quiet_until", ValidationError(gettext_lazy("Give both ends of the quiet hours, or none.")))
        if "kind" in values and "address" in values:
            try:
                prepare(Recipient(kind=values["kind"], address=values["address"]))
            except CiviparoisseError as error:
                self.add_error("address", ValidationError(str(error)))
        return values

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Give a webhook its secret."""
        prepare(self.instance)
        return super().save(commit)


class AcknowledgeForm(forms.Form):
    """For how long, and why."""

    days = forms.IntegerField(
        label=gettext_lazy("For how many days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=3,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reason = forms.CharField(
        label=gettext_lazy("What is done about it"), max_length=MOST_REASON, widget=UnfoldAdminTextInputWidget
    )
