"""What every request body has in common."""

from typing import Any

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

# Control characters name nothing, and a database or a log could end at one.
TEXT = r"^[^\x00-\x1f\x7f]%s\Z"


class TextField(serializers.CharField):
    """A text, not a number that could be read as one, as it is sent. `pattern`: what it looks like, if it is known."""

    def __init__(self, *, pattern: str = "", **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)
        looks = rf"^(?:{pattern})\Z" if pattern else TEXT % ("*" if self.allow_blank else "+")
        self.validators.append(RegexValidator(looks))

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Raise ValidationError for anything else."""
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            data.encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """true or false, not what could be meant by it."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the flag. Raise ValidationError for anything else."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a mistyped name must not be taken for an absent value."""

    default_error_messages = {"unknown": _("This field does not exist.")}

    def to_internal_value(self, data: Any) -> Any:
        """Return the values by field. Raise ValidationError naming every unknown or read-only field."""
        if isinstance(data, dict):
            known = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := sorted(map(str, data.keys() - known)):
                text = self.error_messages["unknown"]
                raise serializers.ValidationError({name: [text] for name in unknown})
        return super().to_internal_value(data)


def read_body(request: Request, body: type[StrictSerializer]) -> dict[str, Any]:
    """Return the fields that the request's body gives, in the types of `body`. Raise ValidationError."""
    checked = body(data=request.data)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)
