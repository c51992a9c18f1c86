"""What a parish is made of, in requests: the schema, from the looks of its parameters, and the reading that agrees."""

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from api.exceptions import BODY
from api.parsers import LIMIT_BYTES
from domain.errors import InvalidValue
from domain.looks import PARAMETER_LOOKS
from domain.parameters import REQUIRED_FIELDS, SECRET_FIELDS, validate_value

NEW, CHANGED = "TenantBodyRequest", "PatchedTenantBodyRequest"


def refer_to(name: str) -> dict[str, Any]:
    """Return what an action says it takes: the body of that name."""
    return {"application/json": {"$ref": f"#/components/schemas/{name}"}}


def make_bodies() -> dict[str, dict[str, Any]]:
    """Return the schemas of both bodies by name."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            name: make_look() | ({"writeOnly": True} if name in SECRET_FIELDS else {})
            for name, make_look in PARAMETER_LOOKS.items()
        },
        "additionalProperties": False,
    }
    return {NEW: schema | {"required": sorted(REQUIRED_FIELDS)}, CHANGED: schema}


def read_object(request: Request) -> dict[str, object]:
    """Return the body as it was sent: its values are judged by the registry. Raise InvalidValue or ValidationError for
    a list, a null, and what the registry would take from a form, such as a port in digits, and the schema has not."""
    if not isinstance(request.data, dict):
        raise InvalidValue(field=BODY, reason=_("one JSON object is expected."))
    if nulls := [str(name) for name, value in request.data.items() if value is None]:
        raise serializers.ValidationError(
            {name: [_("null is no value; leave it out, or send an empty text.")] for name in nulls}
        )
    values = {str(name): value for name, value in request.data.items()}
    if unlike := [name for name, value in values.items() if not looks_right(name, value) and is_accepted(name, value)]:
        reason = _("does not have the form that the schema gives.")
        raise serializers.ValidationError({name: [reason] for name in unlike})
    return values


def looks_right(name: str, value: object) -> bool:
    """Return whether a value is as the schema says; also when it says nothing of such a name."""
    if name not in PARAMETER_LOOKS:
        return True
    look = PARAMETER_LOOKS[name]()
    if look["type"] == "string":
        is_text = isinstance(value, str) and re.fullmatch(look["pattern"], value) is not None
        return is_text and len(str(value)) <= look.get("maxLength", LIMIT_BYTES)
    return isinstance(value, bool if look["type"] == "boolean" else int)


def is_accepted(name: str, value: object) -> bool:
    """Return whether the registry would take the value; False where it has a reason of its own against it."""
    try:
        validate_value(name, value)
    except InvalidValue:
        return False
    return True
