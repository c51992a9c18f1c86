"""What was chosen for an operation, in words, made of what its kind declares."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from operations.declarations import KindDefinition
from operations.declared_parameters import Parameter


def list_choices(kind: KindDefinition, parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (label, text) of every parameter that people are told of and that says something."""
    told = [(parameter, parameters.get(parameter.name)) for parameter in kind.parameters if parameter.get_told()]
    return [
        (str(parameter.get_told()), word_value(parameter, value))
        for parameter, value in told
        if value not in (None, "", [], {})
    ]


def describe_choices(kind: KindDefinition, identifier: str, parameters: Mapping[str, Any]) -> list[str]:
    """Return what an operation does, in sentences, as far as its kind says nothing more: its name and its choices."""
    what = _("%(kind)s: %(instance)s.") % {"kind": kind.button_label, "instance": identifier}
    line = _("%(label)s: %(value)s.")
    return [what, *(line % {"label": label, "value": text} for label, text in list_choices(kind, parameters))]


def word_value(parameter: Parameter, value: Any) -> str:
    """Return a value in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(dict(parameter.told_choices or parameter.choices).get(value) or value)
