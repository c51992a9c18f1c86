"""The body of each request that begins an operation, made of what its kind declares."""

from typing import Any

from rest_framework import serializers

from api.serializers import FlagField, StrictSerializer, TextField
from operations.declarations import KindDefinition
from operations.declared_parameters import CONFIRM, Parameter, ParameterType


def make_body(kind: KindDefinition) -> type[StrictSerializer]:
    """Return the serializer of the parameters that `kind` offers."""
    fields = {
        parameter.name: make_field(parameter, is_required=parameter.is_required or _is_confirmed(kind, parameter))
        for parameter in kind.list_offered()
    }
    name = "".join(part.capitalize() for part in kind.code.split("_")) + "Parameters"
    return type(name, (StrictSerializer,), {**fields, "__doc__": kind.summary, "__module__": __name__})


def _is_confirmed(kind: KindDefinition, parameter: Parameter) -> bool:
    return parameter.name == CONFIRM and kind.is_destructive


def make_field(parameter: Parameter, *, is_required: bool) -> serializers.Field[Any, Any, Any, Any]:
    """Return the field of one parameter."""
    common: dict[str, Any] = {"required": is_required, "help_text": parameter.summary}
    if parameter.type is ParameterType.FLAG:
        return FlagField(**common)
    if parameter.type is ParameterType.CHOICE:
        return serializers.ChoiceField(choices=[code for code, _label in parameter.choices], **common)
    if parameter.type is ParameterType.NUMBER:
        return serializers.IntegerField(min_value=parameter.least, max_value=parameter.most, **common)
    if parameter.type is ParameterType.TEXTS:
        child = TextField(pattern=parameter.pattern, max_length=parameter.length)
        return serializers.ListField(child=child, min_length=1, max_length=parameter.most, **common)
    if parameter.name == CONFIRM and not is_required:
        common["allow_blank"] = True
    return TextField(max_length=parameter.length, **common)
