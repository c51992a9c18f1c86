"""A form that was opened before another person's save is refused with what changed: nobody overwrites unseen.

The page carries a fingerprint of every value that its form can change, its tables' rows too. The fingerprints tell none
of the values (passwords are among them), and are compared inside the transaction that saves.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.forms.models import _get_foreign_key
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.translation import gettext as _

from civiparoisse.presentation import format_time
from domain.errors import CiviparoisseError

FIELD = "read_version"
SHOWN_CHARACTERS = 80


def make_token(row: Model, names: Mapping[str, Any], inlines: Any) -> str:
    """Return the text that a form carries: when it was read, and the fingerprint of each value of `row`."""
    return json.dumps({"at": timezone.now().isoformat(), "values": fingerprint(row, names, inlines)})


def fingerprint(row: Model, names: Mapping[str, Any], inlines: Any) -> dict[str, str]:
    """Return a short keyed digest for each field of `names` that the row has, and for each row of its tables."""
    # What the form only shows, such as an account's password as a hash, it cannot overwrite.
    changed = [name for name, field in names.items() if not field.disabled and _has_field(row, name)]
    values = {name: _digest(_read(row, name)) for name in changed}
    for inline in inlines:
        key = _get_foreign_key(type(row), inline.model, fk_name=inline.fk_name)
        for child in inline.model._base_manager.filter(**{key.name: row}):
            columns = [(field.attname, _read(child, field.name)) for field in child._meta.concrete_fields]
            values[f"{inline.model._meta.model_name} {child.pk}"] = _digest(columns)
    return values


def _has_field(row: Model, name: str) -> bool:
    try:
        row._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _read(row: Model, name: str) -> Any:
    """Return a value as it is recorded."""
    field: Any = row._meta.get_field(name)
    if field.many_to_many:
        return sorted(getattr(row, name).values_list("pk", flat=True))
    return getattr(row, field.attname)


def _digest(value: Any) -> str:
    try:
        text = json.dumps(value, default=str, sort_keys=True)
    except CiviparoisseError as error:
        text = error.code  # a secret that no key reads
    return salted_hmac("civiparoisse.stale_forms", text, algorithm="sha256").hexdigest()[:16]


class GuardedForm:
    """Before the form's own class: refuses what was read before somebody else's save. `request` and `inlines` are set
    on the class that an administration page makes for itself."""

    request: HttpRequest
    inlines: Any

    def clean(self: Any) -> Any:
        """Return the form's values; add what changed since it was opened. A form without a fingerprint is a script's,
        which has read nothing."""
        values = super().clean()  # type: ignore[misc]
        given = self.request.POST.get(FIELD)
        if given:
            # Locked until the save: of two at the same moment one is second.
            present = type(self.instance)._base_manager.select_for_update().filter(pk=self.instance.pk).first()
            told = _list_changes(self, present or self.instance, given)
            if told:
                self.add_error(None, [forms.ValidationError(text, code="changed_meanwhile") for text in told])
        return values


def _list_changes(form: Any, present: Model, given: str) -> list[str]:
    """Return what changed between the reading of the form and `present`, in sentences; nothing when nothing did."""
    read, opened = _parse(given)
    now = fingerprint(present, form.base_fields, form.inlines)
    keys = [key for key in {**now, **read} if now.get(key) != read.get(key)]
    if not keys:
        return []
    again = format_html('<a class="cp-link" href="{}">{}</a>', form.request.path, _("Open it again."))
    told: list[str] = [format_html("{} {}", _say_refusal(present, opened), again)]
    fields = [key for key in keys if key in form.base_fields]
    told += [_say_field(form, present, name) for name in fields]
    tables = {inline.model._meta.model_name: inline for inline in form.inlines}
    for name in dict.fromkeys(key.partition(" ")[0] for key in keys if key not in form.base_fields):
        if name in tables:
            told.append(_("Changed since: %(what)s") % {"what": tables[name].model._meta.verbose_name_plural})
    return told


def _parse(given: str) -> tuple[dict[str, str], datetime | None]:
    try:
        document = json.loads(given)
        return dict(document["values"]), parse_datetime(document["at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}, None


def _say_refusal(present: Model, opened: datetime | None) -> str:
    """Return the refusal, with who saved and when as far as the history knows: programs leave no entry there."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(present), object_id=str(present.pk)
    )
    entry = entries.filter(action_time__gt=opened).order_by("-action_time").first() if opened else None
    if entry is None:
        return _("This was changed since you opened it: nothing was saved.")
    named = {"name": entry.user.get_username(), "time": format_time(entry.action_time)}
    return _("This was changed by %(name)s on %(time)s, since you opened it: nothing was saved.") % named


def _say_field(form: Any, present: Model, name: str) -> str:
    """Return the field's label with its present value, where it may be shown and is short."""
    field = form.fields.get(name) or form.base_fields[name]
    label = str(field.label or name)
    if isinstance(field.widget, forms.PasswordInput) or getattr(field.widget, "is_write_only", False):
        return _("Changed since: %(what)s") % {"what": label}
    text = _show(field, present, name)
    if not text or len(text) > SHOWN_CHARACTERS:
        return _("Changed since: %(what)s") % {"what": label}
    return _("Changed since: %(what)s, now “%(value)s”") % {"what": label, "value": text}


def _show(field: forms.Field, present: Model, name: str) -> str:
    """Return the present value as the form would show it; empty where that is not one short text."""
    show = getattr(present, f"get_{name}_display", None)
    if show is not None:
        return str(show())
    value = _read(present, name)
    if isinstance(field, forms.ModelChoiceField):
        return "" if value is None or isinstance(value, list) else str(getattr(present, name))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    shown = field.prepare_value(value)
    return "" if isinstance(shown, (list, dict)) or shown is None else str(shown)
