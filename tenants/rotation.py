"""All secrets of the manager's database: can they be read, and with which key. Never their values."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import ExpressionWrapper, F, TextField, Value

from domain.errors import CiviparoisseError
from tenants.encryption import EncryptedTextField, get_key_ring

STORED_NAME = "stored_secret"


@dataclass(frozen=True, slots=True)
class SecretColumn:
    """A column of encrypted values."""

    model: type[models.Model]
    name: str

    def select(self) -> models.QuerySet[models.Model]:
        """Return the rows that hold a secret, with the stored text as it is."""
        stored = ExpressionWrapper(F(self.name), output_field=TextField())
        rows: models.QuerySet[models.Model] = self.model._base_manager.annotate(**{STORED_NAME: stored})
        return rows.exclude(**{STORED_NAME: ""})

    def exists(self) -> bool:
        """Return whether the database has the column yet (not before its migration)."""
        with connection.cursor() as cursor:
            table = self.model._meta.db_table
            if table not in connection.introspection.table_names(cursor):
                return False
            columns = connection.introspection.get_table_description(cursor, table)
        stored = cast("models.Field[object, object]", self.model._meta.get_field(self.name))
        return stored.column in {column.name for column in columns}


@dataclass(slots=True)
class Rotation:
    """What was found. `unreadable`: key id («?» when it is not even named) -> how many."""

    read: int = 0
    reencrypted: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)


def list_secret_columns() -> list[SecretColumn]:
    """Return every encrypted column of every installed application."""
    return [
        SecretColumn(model, column.name)
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if isinstance(column, EncryptedTextField)
    ]


def find_unreadable() -> Counter[str]:
    """Return how many stored secrets cannot be read, by key id; columns that do not exist yet hold none."""
    ring = get_key_ring()
    unreadable: Counter[str] = Counter()
    for column in filter(SecretColumn.exists, list_secret_columns()):
        for stored in column.select().values_list(STORED_NAME, flat=True).iterator():
            try:
                ring.decrypt(stored)
            except CiviparoisseError as error:
                unreadable[error.params["key_id"]] += 1
    return unreadable


def reencrypt_secrets(*, dry_run: bool) -> Rotation:
    """Encrypt with the current key what another key encrypted; `dry_run`: only count.

    One transaction a row: may be killed and run again at any moment, beside a running manager. What cannot be read is
    counted and left as it is.
    """
    rotation = Rotation()
    for column in list_secret_columns():
        for pk in _list_keys(column):
            _reencrypt_row(column, pk, rotation=rotation, dry_run=dry_run)
    return rotation


def _list_keys(column: SecretColumn) -> Iterator[object]:
    # Read before the first write: SQLite would hold a reader open across our transactions.
    return iter(list(column.select().order_by("pk").values_list("pk", flat=True)))


def _reencrypt_row(column: SecretColumn, pk: object, *, rotation: Rotation, dry_run: bool) -> None:
    ring = get_key_ring()
    with transaction.atomic():
        rows = column.select().filter(pk=pk)
        stored = rows.select_for_update().values_list(STORED_NAME, flat=True).first()
        if stored is None:
            return  # gone meanwhile
        try:
            text = ring.decrypt(stored)
        except CiviparoisseError as error:
            rotation.unreadable[error.params["key_id"]] += 1
            return
        rotation.read += 1
        if ring.is_current(stored):
            return
        rotation.reencrypted += 1
        if not dry_run:
            # As text: the column would encrypt what is encrypted.
            again = Value(ring.encrypt(text), output_field=TextField())
            column.model._base_manager.filter(pk=pk).update(**{column.name: again})
