"""What UEPAL sets for all requests: from when a second person decides too, its telephone, whether costs are shown."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import ModelAdmin
from parish_requests.models import RequestRules

LIMITS = {"second_from_lost_percent": (0, 100), "second_from_days": (0, 3650)}


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """The rules, with what each means."""

    class Meta:
        model = RequestRules
        fields = ("second_from_lost_percent", "second_from_days", "telephone", "shows_costs")
        help_texts = {
            "second_from_lost_percent": gettext_lazy(
                "Two different persons approve what would lose so many per cent of the contributions, in number or sum."
            ),
            "second_from_days": gettext_lazy("Two different persons approve going back further than so many days."),
            "telephone": gettext_lazy(
                "It stands in each mail and on the parishes’ pages: whoever doubts a mail calls it."
            ),
            "shows_costs": gettext_lazy("Each parish sees what it costs, and no other."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (least, most) in LIMITS.items():
            if name in self.fields:
                self.fields[name].validators += [MinValueValidator(least), MaxValueValidator(most)]


@admin.register(RequestRules)
class RequestRulesAdmin(ModelAdmin):
    """One row, which is there from the first look on and never goes."""

    actions = None
    form = RulesForm
    fieldsets = (
        (
            gettext_lazy("When two different persons decide"),
            {
                "fields": ("second_from_lost_percent", "second_from_days"),
                "description": gettext_lazy("And always where no safety copy can be made."),
            },
        ),
        (gettext_lazy("What parishes see"), {"fields": ("telephone", "shows_costs")}),
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002 - Django's
        """Show the only row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = RequestRules.objects.order_by("pk").first() or RequestRules.objects.get_or_create(pk=1)[0]
        return self.change_view(request, str(row.pk))  # type: ignore[no-any-return]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Return False: there is one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's
        """Return False: there is always one."""
        return False
