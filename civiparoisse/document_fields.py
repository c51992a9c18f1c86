"""Fields of documents: what the doors (REST, --json) answer is declared once, as serializers made of these.

From one declaration come the answer itself and its part of the API's schema. Documents are read-only.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

OBJECT = {"type": "object", "additionalProperties": {}}
AMOUNT = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
Document = serializers.Serializer[Any]


class TimeField(serializers.DateTimeField):
    """A moment in ISO 8601 with the zone that it has. `timespec`: as of datetime.isoformat."""

    def __init__(self, *, timespec: str = "auto", **options: Any) -> None:
        super().__init__(**options)
        self.timespec = timespec

    def to_representation(self, value: datetime) -> str:
        """Return the text."""
        return value.isoformat(timespec=self.timespec)


class IsSetField(serializers.BooleanField):
    """Whether there is a value; used for secrets, which are never shown."""

    def get_attribute(self, instance: Any) -> bool:
        """Return whether there is one."""
        return bool(super().get_attribute(instance))


@extend_schema_field(OBJECT)
class ObjectField(serializers.JSONField):
    """Any JSON object."""


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class TextByNameField(serializers.JSONField):
    """Texts by name."""


@extend_schema_field(AMOUNT)
class AmountField(serializers.Field[Decimal, Any, str, Decimal]):
    """An exact decimal number, as text: a float is no amount."""

    def to_representation(self, value: Decimal) -> str:
        """Return the digits, never an exponent."""
        return f"{value:f}"


@extend_schema_field({"type": "object", "additionalProperties": AMOUNT})
class AmountByNameField(serializers.DictField):
    """Amounts by name."""

    child = AmountField()
