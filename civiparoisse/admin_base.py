"""The one seam to django-unfold, and what all pages of the administration share. Nothing else imports unfold."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import display as plain_display
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.admin import TabularInline as UnfoldTabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter
from unfold.decorators import display as unfold_display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from domain.errors import CiviparoisseError

__all__ = [
    "AdminPasswordChangeForm",
    "AutocompleteSelectFilter",
    "RangeDateFilter",
    "ModelAdmin",
    "ReadOnlyAdmin",
    "TabularInline",
    "UnfoldAdminIntegerFieldWidget",
    "UnfoldAdminPasswordWidget",
    "UnfoldAdminRadioSelectWidget",
    "UnfoldAdminSelectWidget",
    "UnfoldAdminIntegerFieldWidget",
    "UnfoldAdminTextInputWidget",
    "UnfoldAdminTextareaWidget",
    "UnfoldBooleanWidget",
    "UserChangeForm",
    "UserCreationForm",
    "display",
    "make_page",
    "show_refusal",
]


def display(
    *, description: Any, ordering: str | None = None, colours: dict[str, str] | None = None
) -> Callable[[Any], Any]:
    """Name a column. With `colours`, the method returns (value, text), shown as a badge of the value's colour."""
    if colours is None:
        return plain_display(description=description, ordering=ordering)
    return unfold_display(description=description, ordering=ordering, label=colours)  # type: ignore[no-any-return]


class TabularInline(UnfoldTabularInline):  # type: ignore[misc]
    """Rows of a table of forms, each field named for those who do not see its column's heading."""

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        """Return the formset with the labels of its fields on their widgets."""
        formset = super().get_formset(request, obj, **kwargs)
        for name, field in formset.form.base_fields.items():
            field.widget.attrs.setdefault("aria-label", str(field.label or name))
        return formset


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows that are looked at: no way to add, change or delete them here."""

    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return False."""
        return False


class Titled:
    """Stands for a row in the header's path, under a title of our own."""

    def __init__(self, row: Model, title: str) -> None:
        self._meta = row._meta
        self.pk = row.pk
        self.title = title

    def __str__(self) -> str:
        return self.title


def make_page(
    model_admin: ModelAdmin, request: HttpRequest, template: str, *, row: Model, title: str, **context: Any
) -> TemplateResponse:
    """Return a page of our own about `row` in the administration's frame, with its path in the header."""
    frame = model_admin.admin_site.each_context(request)
    shared = {"opts": model_admin.opts, "original": Titled(row, title), "title": title, "subtitle": None}
    return TemplateResponse(request, template, {**frame, **shared, **context})


def show_refusal(request: HttpRequest, error: CiviparoisseError) -> None:
    """Tell the person on the next page why nothing was done, and what to do instead."""
    messages.error(request, str(error))
