"""The one seam to django-unfold, and what all pages of the administration share. Nothing else imports unfold."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import display as plain_display
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import TabularInline as UnfoldTabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter
from unfold.decorators import display as unfold_display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from civiparoisse.stale_forms import FIELD, GuardedForm, make_token
from domain.errors import CiviparoisseError

__all__ = [
    "AdminPasswordChangeForm",
    "AutocompleteSelectFilter",
    "RangeDateFilter",
    "ModelAdmin",
    "ReadOnlyAdmin",
    "TabularInline",
    "UnfoldAdminCheckboxSelectMultipleWidget",
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


class ModelAdmin(UnfoldModelAdmin):  # type: ignore[misc]  # unfold brings no types
    """Rows of one kind. A form that changes one is refused when somebody else saved since it was opened."""

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form's class, guarded where it changes a row."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None or not change:
            return form
        guard = {"request": request, "inlines": self.get_inline_instances(request, obj)}
        return type(form)(form.__name__, (GuardedForm, form), guard)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        """Return the page; a form that changes a row carries what was read (stale_forms)."""
        if obj is not None and self.has_change_permission(request, obj):
            form = context["adminform"].form
            inlines = self.get_inline_instances(request, obj)
            # What was read first stays: a form that was refused is opened again, not sent again.
            context[FIELD] = request.POST.get(FIELD) or make_token(_read_again(obj), form.base_fields, inlines)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)  # type: ignore[no-any-return]


def _read_again(row: Model) -> Model:
    """Return the row as it is recorded: a form that was refused has changed the one it had."""
    return type(row)._base_manager.filter(pk=row.pk).first() or row


class TabularInline(UnfoldTabularInline):  # type: ignore[misc]
    """Rows of a table of forms, each field named for those who do not see its column's heading."""

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        """Return the formset with the labels of its fields on their widgets."""
        formset = super().get_formset(request, obj, **kwargs)
        for name, field in formset.form.base_fields.items():
            field.widget.attrs.setdefault("aria-label", str(field.label or name))
        return formset


class ReadOnlyAdmin(ModelAdmin):
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
