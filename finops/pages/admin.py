"""Price sheets, budgets and closed months for people; intervals of the ledger to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import ModelAdmin, ReadOnlyAdmin, TabularInline, display
from civiparoisse.presentation import NOTHING, format_time
from finops.models import Budget, BudgetAlert, ClosedMonth, Interval, PriceLine, PriceSheet
from finops.pages.admin_forms import BudgetForm, ClosedMonthForm, PriceLineForm, PriceSheetForm
from finops.pages.price_example import render_example
from finops.prices.rates import make_prices
from finops.wording.formats import format_bytes, format_cores, format_money, format_number

ONLY_SHEET = gettext_lazy("This is the only price sheet: without it no cost can be told, not even of months gone by.")


class PriceLineInline(TabularInline):
    """The prices of a sheet."""

    model = PriceLine
    form = PriceLineForm
    extra = 0
    min_num = 0
    hide_title = True


@admin.register(PriceSheet)
class PriceSheetAdmin(ModelAdmin):
    """Prices, with what one parish would cost at them."""

    form = PriceSheetForm
    actions = None
    inlines = (PriceLineInline,)
    list_display = ("name", "engine", "valid_from", "valid_to", "currency", "mode", "show_lines")
    readonly_fields = ("show_example",)
    fieldsets = (
        (None, {"fields": ("name", "engine", ("valid_from", "valid_to"))}),
        (
            gettext_lazy("How it counts"),
            {"fields": (("currency", "byte_unit"), ("vat_included", "vat_percent"), "month_hours")},
        ),
        (
            gettext_lazy("CPU and memory"),
            {"fields": ("mode", ("cpu_weight", "memory_weight"), "share_idle")},
        ),
        (gettext_lazy("At these prices"), {"fields": ("show_example",)}),
    )

    class Media:
        js = ("civiparoisse/prices.js",)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], Any, set[str], list[Any]]:
        """Return what goes with these sheets; the only one is told as protected, since no cost could be told then."""
        shown, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if not PriceSheet.objects.exclude(pk__in=[sheet.pk for sheet in objs]).exists():
            protected = [*protected, str(ONLY_SHEET)]
        return shown, counts, lacking, protected

    @display(description=gettext_lazy("prices"))
    def show_lines(self, sheet: PriceSheet) -> int:
        """Return how many prices it has."""
        return len(sheet.lines.all())

    @display(description=gettext_lazy("one parish of the default plan"))
    def show_example(self, sheet: PriceSheet) -> SafeString:
        """Return the live example; it follows what is typed (prices.js)."""
        return render_example(make_prices(sheet) if sheet.pk else None, now=timezone.now())

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return sheets with their lines, in two queries."""
        return super().get_queryset(request).prefetch_related("lines")


@admin.register(Budget)
class BudgetAdmin(ModelAdmin):
    """What a month may cost."""

    form = BudgetForm
    actions = None
    list_display = ("__str__", "show_amount")

    @display(description=gettext_lazy("per month"), ordering="amount")
    def show_amount(self, budget: Budget) -> str:
        """Return the amount as people write it."""
        return format_money(budget.amount)


@admin.register(ClosedMonth)
class ClosedMonthAdmin(ModelAdmin):
    """Final figures: only the invoice can be entered."""

    form = ClosedMonthForm
    actions = None
    list_display = ("month", "show_bill", "show_invoice", "show_factor", "show_closed", "closed_by")
    readonly_fields = ("month", "hours", "show_bill", "show_factor", "show_closed", "closed_by")
    fields = ("month", "hours", "show_bill", "invoice_total", "show_factor", "show_closed", "closed_by")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return False: months are closed on the page of costs, or by finops_close."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return False: what is closed stays."""
        return False

    @display(description=gettext_lazy("calculated"), ordering="bill")
    def show_bill(self, month: ClosedMonth) -> str:
        """Return the bill."""
        return format_money(month.bill, month.currency or "EUR")

    @display(description=gettext_lazy("invoiced"), ordering="invoice_total")
    def show_invoice(self, month: ClosedMonth) -> str:
        """Return the provider's total, a dash while it is not entered."""
        return format_money(month.invoice_total, month.currency or "EUR")

    @display(description=gettext_lazy("invoiced / calculated"))
    def show_factor(self, month: ClosedMonth) -> str:
        """Return how far the prices are from the invoice."""
        return NOTHING if month.factor is None else format_number(month.factor, decimals=4)

    @display(description=gettext_lazy("closed"), ordering="closed_at")
    def show_closed(self, month: ClosedMonth) -> str:
        """Return when."""
        return format_time(month.closed_at)


@admin.register(Interval)
class IntervalAdmin(ReadOnlyAdmin):
    """The ledger, to look at: what was held, from when to when, and how that is known."""

    list_display = ("instance", "resource", "component", "show_amounts", "show_start", "show_end", "source", "why")
    list_filter = ("resource", "source", "engine")
    search_fields = ("instance", "tenant", "component")
    list_per_page = 50
    show_full_result_count = False

    @display(description=gettext_lazy("held"))
    def show_amounts(self, interval: Interval) -> str:
        """Return CPU and memory, or bytes."""
        if interval.storage_bytes:
            return format_bytes(interval.storage_bytes)
        return f"{format_cores(interval.cpu_millicores)}, {format_bytes(interval.memory_bytes)}"

    @display(description=gettext_lazy("start"), ordering="start")
    def show_start(self, interval: Interval) -> str:
        """Return when it began."""
        return format_time(interval.started_at)

    @display(description=gettext_lazy("end"), ordering="end")
    def show_end(self, interval: Interval) -> str:
        """Return when it ended, a dash while it is held."""
        return format_time(interval.ended_at)


@admin.register(BudgetAlert)
class BudgetAlertAdmin(ReadOnlyAdmin):
    """What was raised, one row per threshold and month."""

    list_display = ("month", "budget", "threshold", "basis", "show_cost", "show_raised")
    list_filter = ("basis", "threshold")

    @display(description=gettext_lazy("cost"), ordering="cost")
    def show_cost(self, alert: BudgetAlert) -> str:
        """Return the cost that reached it."""
        return format_money(alert.cost)

    @display(description=gettext_lazy("raised"), ordering="raised_at")
    def show_raised(self, alert: BudgetAlert) -> str:
        """Return when."""
        return format_time(alert.raised_at)
