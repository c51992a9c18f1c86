"""What a person chooses before an operation begins: a form made of what its kind declares."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)
from operations.declarations import KindDefinition
from operations.declared_parameters import CONFIRM, Parameter, ParameterType
from tenants.models import Instance

# Marks what the description of the operation depends on (admin.js).
DESCRIBES = {"data-describes": "yes"}
TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
CHOOSE = gettext_lazy("Choose one.")


class RequestForm(forms.Form):
    """The choices that a kind offers. `idempotency_key`: made with the page: a second click begins nothing twice.

    `known`: parameters that the page itself knows (the instance that a chosen backup is of).
    """

    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, kind: KindDefinition, instance: Instance, *args: Any, **kwargs: Any) -> None:
        self.kind, self.instance = kind, instance
        self.known: dict[str, Any] = {}
        super().__init__(*args, **kwargs)
        given = (args[0] if args else kwargs.get("data")) or kwargs.get("initial") or {}
        self.shown = [one for one in kind.list_offered() if one.label or one.prompt or one.is_link_only]
        replaced = {one.instead_of for one in self.shown if one.is_link_only and given.get(one.name)}
        self.shown = [one for one in self.shown if one.name not in replaced and one.name != CONFIRM]
        for parameter in self.shown:
            offered = parameter.offers(instance) if parameter.offers is not None else ()
            self.fields[parameter.name] = make_field(parameter, offered)
        for parameter in kind.list_offered():
            if parameter.name == CONFIRM:
                widget = UnfoldAdminTextInputWidget(attrs=TYPED)
                required = kind.is_destructive
                self.fields[CONFIRM] = forms.CharField(
                    label=parameter.label, required=required, max_length=parameter.length, widget=widget
                )
        awaited = [one for one in self.shown if one.prompt]
        # The field without which nothing can be told of what will happen, and what is told instead.
        self.awaited = awaited[0].name if awaited else ""
        self.awaited_text = awaited[0].prompt if awaited else ""

    def clean(self) -> dict[str, Any]:
        """Refuse what takes the identifier where it was not typed."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if CONFIRM in values and self.kind.is_confirmed_by_typing(values):
            values[CONFIRM] = values[CONFIRM].strip()
            if values[CONFIRM] != self.instance.identifier:
                text = _("Type %(instance)s to confirm.") % {"instance": self.instance.identifier}
                self.add_error(CONFIRM, ValidationError(text))
        return values

    def make_parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the operation's parameters, given the values of the fields; the confirmation, which `clean` checks, is
        taken as given by a description."""
        parameters = {**self.known}
        for parameter in self.shown:
            value = values.get(parameter.name)
            if parameter.type is ParameterType.FLAG:
                value = bool(value)
            elif parameter.type is ParameterType.TEXTS:
                value = value.split(",") if value else None
            if value not in ("", None):
                parameters[parameter.name] = value
        return {**parameters, CONFIRM: self.instance.identifier} if CONFIRM in self.fields else parameters

    def list_visible(self) -> list[forms.BoundField]:
        """Return the fields that the page shows one below the other; what has no label has a place of its own there."""
        return [field for field in self.visible_fields() if self.fields[field.name].label]


def make_field(parameter: Parameter, offered: Sequence[tuple[str, Any]]) -> forms.Field:
    """Return the field of one parameter. `offered`: the rows to choose among, of a parameter that offers some."""
    common: dict[str, Any] = {"label": parameter.label, "help_text": parameter.help, "required": parameter.is_required}
    messages = {"required": parameter.needed or CHOOSE}
    if parameter.is_link_only:
        return forms.CharField(required=False, widget=forms.HiddenInput)
    if parameter.type is ParameterType.FLAG:
        widget = UnfoldBooleanWidget(attrs=DESCRIBES)
        return forms.BooleanField(**common, initial=parameter.default, widget=widget)
    if parameter.type is ParameterType.NUMBER:
        number = UnfoldAdminIntegerFieldWidget(attrs=DESCRIBES)
        common |= {"min_value": parameter.least, "max_value": parameter.most}
        return forms.IntegerField(**common, initial=parameter.make_default(), widget=number)
    if parameter.type is ParameterType.CHOICE or parameter.offers is not None:
        choices = [(code, label) for code, label in parameter.choices if label]
        if parameter.none_label:
            choices.insert(0, ("", parameter.none_label))
        choices += offered
        return forms.ChoiceField(
            **common,
            choices=choices,
            initial=parameter.make_default() or "",
            error_messages=messages,
            widget=UnfoldAdminRadioSelectWidget(attrs=DESCRIBES),
        )
    return forms.CharField(
        **common, max_length=parameter.length, error_messages=messages, widget=UnfoldAdminTextInputWidget
    )
