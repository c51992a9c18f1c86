"""Forms of price sheets, budgets and closed months: what is typed, and what is refused."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civiparoisse.admin_base import UnfoldAdminSelectWidget
from civiparoisse.size_field import SizeField
from domain.collation import make_sort_key
from finops.models import Budget, ClosedMonth, PriceLine, PriceSheet
from tenants.models import Tenant


class PriceSheetForm(forms.ModelForm):  # type: ignore[type-arg]
    """A sheet without its lines."""

    class Meta:
        model = PriceSheet
        fields = (
            "name",
            "engine",
            "valid_from",
            "valid_to",
            "currency",
            "vat_included",
            "vat_percent",
            "mode",
            "byte_unit",
            "month_hours",
            "cpu_weight",
            "memory_weight",
            "share_idle",
        )
        help_texts = {
            "engine": _("Of which engine or cluster; empty for all that have no prices of their own."),
            "valid_to": _("The first day it no longer holds; empty until further notice."),
            "byte_unit": _("As on the provider’s price list: a GiB is 7.37 percent more than a GB."),
            "month_hours": _("What a price per month is divided by to be one per hour; empty: the month’s real hours."),
            "share_idle": _("What nobody reserved is paid by the parishes, in proportion."),
        }

    def clean_currency(self) -> str:
        """Return the currency's code in capitals. Raise ValidationError unless it is three letters."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        if len(code) != 3 or not (code.isascii() and code.isalpha()):
            raise forms.ValidationError(_("Give the three letters of ISO 4217, such as EUR."), code="invalid")
        return code


class PriceLineForm(forms.ModelForm):  # type: ignore[type-arg]
    """One price; a node's memory is typed with its unit."""

    memory_bytes = SizeField(label=_("Memory of a node"), required=False)

    class Meta:
        model = PriceLine
        fields = (
            "kind",
            "name",
            "amount",
            "period",
            "quantity",
            "cpu_millicores",
            "memory_bytes",
            "split",
            "among",
            "key",
            "zero_confirmed",
        )

    def clean_memory_bytes(self) -> int:
        """Return the bytes, 0 where none were typed: only nodes have any."""
        return self.cleaned_data["memory_bytes"] or 0


class BudgetForm(forms.ModelForm):  # type: ignore[type-arg]
    """A parish, by name, or all of them."""

    tenant = forms.ChoiceField(label=_("Parish"), required=False, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Budget
        fields = ("tenant", "amount")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parishes = sorted(Tenant.objects.values_list("slug", "name"), key=lambda pair: make_sort_key(pair[1]))
        present = self.instance.tenant
        if present and present not in dict(parishes):
            parishes.append((present, present))
        self.fields["tenant"].choices = [("", _("All parishes")), *parishes]  # type: ignore[attr-defined]


class ClosedMonthForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may still be entered: the provider's invoice."""

    class Meta:
        model = ClosedMonth
        fields = ("invoice_total",)
        help_texts = {
            "invoice_total": _("In the same currency, with VAT exactly when the prices have it."),
        }
