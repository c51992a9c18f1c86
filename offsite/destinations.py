"""The only door for destinations as rows, and from a row to how rclone reaches it. Secrets go in, and never out."""

import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError, InvalidValue, NotFound
from domain.values import parse_flag
from offsite.models import Destination, DestinationKind, LockMode
from offsite.providers import LOCKABLE, RCLONE_KINDS, SETTINGS, WRITE_ONLY, compute_place, validate_settings
from programs.offsite.carrier import Carrier, PlaceAway

logger = logging.getLogger(__name__)

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
# name -> (least, most, default)
NUMBERS = {"bandwidth_kib": (0, 10_000_000, 0), "at_most": (1, 50, 2), "lock_days": (0, 36_500, 0)}
GENERAL = ("name", "kind", "enabled", "lock_mode", *NUMBERS)
KNOWN_HOSTS_PORT = 22
OBSCURE_SECONDS = 30


def get_destination(name: str) -> Destination:
    """Return the destination called `name`. Raise NotFound."""
    row = Destination.objects.filter(name=name).first()
    if row is None:
        raise NotFound(what="destination", name=name)
    return row


def create_destination(data: Mapping[str, object], *, requested_by: str) -> Destination:
    """Record a destination from its parameters by name: those of every one, and its kind's settings. Nothing is
    asked of it. Raise CiviparoisseError `invalid_destination` (all faults at once) or `destination_exists`."""
    recorded = validate_destination(data)
    try:
        with transaction.atomic():
            row = Destination.objects.create(**recorded)
    except IntegrityError as error:
        raise CiviparoisseError("destination_exists", destination=recorded["name"]) from error
    _log("destination %s recorded by %s", row.name, requested_by)
    return row


def update_destination(row: Destination, data: Mapping[str, object], *, requested_by: str) -> Destination:
    """Record new values of some parameters; those absent from `data` keep theirs. Name and kind never change: copies
    are recorded there. Raise CiviparoisseError `invalid_destination`."""
    with transaction.atomic():
        row = Destination.objects.select_for_update().get(pk=row.pk)
        for name in ("name", "kind"):
            if data.get(name, getattr(row, name)) != getattr(row, name):
                raise InvalidValue(field=name, reason=_("cannot change: copies are recorded under it."))
        present = {name: getattr(row, name) for name in GENERAL} | dict(row.settings)
        for name, value in validate_destination({**present, **data}).items():
            setattr(row, name, value)
        # What was proven of other settings is not proven of these.
        row.checked_at, row.level, row.report = None, "", []
        row.save()
    _log("destination %s changed by %s: %s", row.name, requested_by, ", ".join(sorted(data)) or "nothing")
    return row


def delete_destination(row: Destination, *, requested_by: str) -> None:
    """Forget a destination; nothing there is touched. Raise CiviparoisseError `destination_in_use` while a copy is
    recorded there."""
    count = row.copies.count()
    try:
        row.delete()
    except ProtectedError as error:
        raise CiviparoisseError("destination_in_use", destination=row.name, count=count) from error
    _log("destination %s deleted by %s", row.name, requested_by)


def validate_destination(data: Mapping[str, object]) -> dict[str, Any]:
    """Return the columns of a destination. Raise CiviparoisseError `invalid_destination` naming all faults at once, in
    the shape of `invalid_cluster`; never a value of a secret."""
    faults: list[dict[str, str]] = []
    recorded: dict[str, Any] = {}
    name, kind = data.get("name"), data.get("kind")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        faults.append(
            {
                "field": "name",
                "reason": _("lower-case letters a to z, digits and hyphens only, no hyphen first or last."),
            }
        )
    if kind not in DestinationKind.values:
        faults.append(
            {"field": "kind", "reason": _("give one of %(names)s.") % {"names": ", ".join(DestinationKind.values)}}
        )
    recorded |= {"name": name, "kind": kind}
    for field, limits in NUMBERS.items():
        recorded[field], fault = _read_number(field, data.get(field), limits)
        faults += fault
    try:
        recorded["enabled"] = True if data.get("enabled") in (None, "") else parse_flag("enabled", data["enabled"])
    except InvalidValue as error:
        faults.append({"field": "enabled", "reason": str(error.params["reason"])})
    recorded["lock_mode"] = data.get("lock_mode") or LockMode.NONE.value
    faults += _find_lock_faults(recorded)
    if kind in SETTINGS:
        given = {field: value for field, value in data.items() if field not in GENERAL}
        recorded["settings"], more = validate_settings(str(kind), given)
        faults += more
    if faults:
        summary = "".join(f"\n  {fault['field']}: {fault['reason']}" for fault in faults)
        shown = name if isinstance(name, str) and NAME.fullmatch(name) else "?"
        raise CiviparoisseError(
            "invalid_destination", destination=shown, count=len(faults), summary=summary, fields=faults
        )
    return {**recorded, "place": compute_place(str(kind), recorded["settings"])}


def _read_number(field: str, value: object, limits: tuple[int, int, int]) -> tuple[int, list[dict[str, str]]]:
    least, most, default = limits
    if value is None or value == "":
        return default, []
    text = str(value)
    if not isinstance(value, bool) and text.isascii() and text.isdecimal() and least <= int(text) <= most:
        return int(text), []
    reason = _("give a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
    return default, [{"field": field, "reason": reason}]


def _find_lock_faults(recorded: Mapping[str, Any]) -> list[dict[str, str]]:
    mode = recorded["lock_mode"]
    if mode not in LockMode.values:
        return [{"field": "lock_mode", "reason": _("give one of %(names)s.") % {"names": ", ".join(LockMode.values)}}]
    if mode != LockMode.NONE and recorded["kind"] not in LOCKABLE:
        return [{"field": "lock_mode", "reason": _("this kind of destination cannot lock objects one by one.")}]
    if (mode != LockMode.NONE) != bool(recorded["lock_days"]):
        return [{"field": "lock_days", "reason": _("a lock has days, and days need a lock.")}]
    return []


# --- How it is reached ---------------------------------------------------------------------------------------------


def find_rclone() -> str:
    """Return the rclone that came with our libraries."""
    return str(Path(sys.prefix) / "bin" / "rclone")


def make_place(row: Destination, *, writes_only: bool = False) -> PlaceAway:
    """Return how rclone reaches a destination; with `writes_only`, by the account that may neither read nor remove,
    where there is one: that is what a pod is given."""
    values = dict(row.settings)
    if writes_only:
        values |= {whole: values[own] for own, whole in WRITE_ONLY.items() if values.get(own)}
    options, secret_options = {}, []
    for name, setting in SETTINGS[row.kind].items():
        value = values.get(name)
        if not setting.option or value in (None, ""):
            continue
        text = str(value)
        if setting.obscured:
            text = _obscure(text)
        if setting.option == "key_pem":
            text = text.replace("\r", "").replace("\n", "\\n")
        options[setting.option] = text
        if setting.is_secret:
            secret_options.append(setting.option)
    root = "/".join(str(values[name]) for name in ("bucket", "container", "folder", "path") if values.get(name))
    return PlaceAway(
        kind=RCLONE_KINDS[row.kind],
        options={**options, **_make_own_options(row)},
        root=root,
        secrets=tuple(secret_options),
        known_hosts=_make_known_hosts(values) if row.kind == DestinationKind.SFTP else "",
        bandwidth_kib=row.bandwidth_kib,
    )


def _make_own_options(row: Destination) -> dict[str, str]:
    if row.kind == DestinationKind.WEBDAV:
        return {"vendor": "other"}
    if row.kind == DestinationKind.GCS:
        return {"bucket_policy_only": "true"}
    if row.kind != DestinationKind.S3:
        return {}
    options = {"provider": "Other" if row.settings.get("endpoint") else "AWS"}
    if row.lock_mode != LockMode.NONE:
        lock = {"object_lock_mode": row.lock_mode.upper(), "object_lock_retain_until_date": f"{row.lock_days}d"}
        options |= lock
    return options


def _make_known_hosts(values: Mapping[str, Any]) -> str:
    host = values["host"] if values["port"] == KNOWN_HOSTS_PORT else f"[{values['host']}]:{values['port']}"
    return f"{host} {values['host_key']}\n"


def _obscure(text: str) -> str:
    done = subprocess.run(
        [find_rclone(), "obscure", "-"], input=text.encode(), capture_output=True, check=True, timeout=OBSCURE_SECONDS
    )
    return done.stdout.decode().strip()


@contextmanager
def carrying(row: Destination, *, writes_only: bool = False) -> Iterator[Carrier]:
    """Give a carrier to a destination, whose private files last as long as the block."""
    with tempfile.TemporaryDirectory(prefix="cp-carrier-") as directory:
        yield Carrier(make_place(row, writes_only=writes_only), work_dir=Path(directory), program=find_rclone())


def _log(text: str, *names: str) -> None:
    """Log once it is true: a dry run is undone."""
    transaction.on_commit(lambda: logger.info(text, *names))
