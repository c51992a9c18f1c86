"""Rows of which exactly one is the default: what is used when nobody names one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from domain.errors import CiviparoisseError
from tenants.guarded_rows import GuardedQuerySet


class WithDefault(models.Model):
    """Making a row the default unmakes the other; the first row is the default; the default is never deleted.

    `default_mark` is 1 on the default and NULL elsewhere, and unique: the database itself refuses a second one.
    (A partial unique index would say the same, but MySQL and MariaDB have none.)
    """

    is_default = models.BooleanField(_("default"), default=False)
    default_mark = models.GeneratedField(
        expression=models.Case(models.When(is_default=True, then=models.Value(1))),
        output_field=models.PositiveSmallIntegerField(null=True),
        db_persist=True,
        unique=True,
    )

    objects = GuardedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and keep exactly one default. Raise CiviparoisseError `default_needed` when none would be left."""
        with transaction.atomic():
            if self._leaves_none():
                raise CiviparoisseError("default_needed", name=str(self))
            if self.is_default:
                self._list_others().filter(is_default=True).update(is_default=False)
            elif not self._list_others().filter(is_default=True).exists():
                self.is_default = True
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row. Raise CiviparoisseError `default_needed` for the default."""
        with transaction.atomic():
            if type(self)._default_manager.filter(pk=self.pk, is_default=True).exists():
                raise CiviparoisseError("default_needed", name=str(self))
            return super().delete(*args, **kwargs)

    def clean(self) -> None:
        """Refuse, in a form, to leave no default."""
        super().clean()
        if self._leaves_none():
            error = CiviparoisseError("default_needed", name=str(self))
            raise ValidationError({"is_default": str(error)}, code=error.code)

    def _list_others(self) -> models.QuerySet[Any]:
        return type(self)._default_manager.exclude(pk=self.pk)

    def _leaves_none(self) -> bool:
        """Return whether this row is the default in the database and would no longer be."""
        return not self.is_default and type(self)._default_manager.filter(pk=self.pk, is_default=True).exists()
