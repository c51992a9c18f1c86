"""A column to sort by, as people look for names in French: the database's own order depends on its vendor."""

from typing import Any

from django.db import models

from domain.collation import make_sort_key


class SortKeyField(models.CharField):  # type: ignore[type-arg]
    """Holds what another column, `of`, is sorted by; written by itself with each save of the row."""

    def __init__(self, *args: Any, of: str = "name", **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **{"editable": False, "default": "", **kwargs})

    def deconstruct(self) -> Any:
        """Return how to make it again, for migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002 - Django's signature
        """Return the key of the present name, and leave it on the row."""
        key = make_sort_key(str(getattr(model_instance, self.of)))[0][: self.max_length]
        setattr(model_instance, self.attname, key)
        return key
