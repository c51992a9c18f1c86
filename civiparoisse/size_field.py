"""A field of forms for a size in bytes, typed and shown with its unit."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from civiparoisse.admin_base import UnfoldAdminTextInputWidget
from domain.errors import InvalidValue
from tenants.sizes import format_exact_size, parse_size

# What MySQL and SQLite both hold in the column.
LARGEST_SIZE = 2**63 - 1


class SizeField(forms.CharField):
    """Bytes, typed and shown as «512 Mi»."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        """Return bytes with their unit; what was typed as it was."""
        return format_exact_size(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        """Return bytes. Raise ValidationError."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            count = parse_size(text)
        except InvalidValue as error:
            raise ValidationError(capfirst(str(error.params["reason"])), code="invalid") from error
        if count > LARGEST_SIZE:
            raise ValidationError(_("This size is too large."), code="invalid")
        return count

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether another size was typed, however it is written."""
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True
