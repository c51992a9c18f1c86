"""Rows that have a say in their own deletion, also when many are deleted at once."""

from collections import Counter
from typing import TypeVar

from django.db import models, transaction

Row = TypeVar("Row", bound=models.Model)


class GuardedQuerySet(models.QuerySet[Row]):
    """Deletes row by row, so that each row's own refusal is asked; all or nothing."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete every row, or none. Raise what the rows' `delete` raises."""
        deleted: Counter[str] = Counter()
        with transaction.atomic(using=self.db):
            for row in self.all():
                deleted.update(row.delete()[1])
        self._result_cache = None
        return deleted.total(), dict(deleted)

    # As Django's own: not offered in templates nor on managers, where it would delete everything.
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]
