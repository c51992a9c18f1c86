"""Download a backup, or parts of it, sealed with age."""

import os
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.selectors import get_backup
from domain.errors import CiviparoisseError, InvalidValue
from offsite.documents import DownloadSerializer
from offsite.downloads import begin_download, list_downloads, make_one_time_key, stream_download
from operations.commands import DocumentCommand, get_requester


class Command(DocumentCommand):
    """`backup_download 20261121T080000Z-5f3a9c --to FILE --recipient age1…`."""

    help: Any = gettext_lazy(
        "Download a backup or some of its databases and trees into a file, sealed to a key of yours or to a new one "
        "that is shown once; or list who did."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the set, the file, and the key."""
        parser.add_argument("backup", help=_("identifier of the backup"))
        parser.add_argument("--part", action="append", default=[], help=_("only this database or tree; repeatable"))
        self._add_what_to_do(parser)
        parser.add_argument("--recipient", default="", help=_("the public half of your age key (a new one without it)"))

    def _add_what_to_do(self, parser: ArgumentParser) -> None:
        either = parser.add_mutually_exclusive_group(required=True)
        either.add_argument("--to", type=Path, metavar="FILE", help=_("the file, which must not be there yet"))
        either.add_argument("--list", action="store_true", dest="only_list", help=_("list who downloaded it"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the downloads of the set, or this one with `key`, the private half of a new key."""
        backup = get_backup(options["backup"])
        if options["only_list"]:
            return {"downloads": DownloadSerializer(list_downloads(backup), many=True).data}
        target: Path = options["to"]
        if os.path.lexists(target):
            raise InvalidValue(field="to", reason=_("there is something of that name already."))
        key, recipient = ("", options["recipient"]) if options["recipient"] else make_one_time_key()
        row = begin_download(backup, recipient=recipient, parts=options["part"], requested_by=get_requester())
        write_file(target, stream_download(row))
        row.refresh_from_db()
        return {**DownloadSerializer(row).data, "file": str(target), **({"key": key} if key else {})}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what was written, and how it is opened."""
        if "downloads" in answer:
            return "\n".join(map(format_download, answer["downloads"])) or _("Nobody downloaded it.")
        lines = [_("%(file)s: %(sent_bytes)s bytes of %(backup)s.") % answer]
        if "key" in answer:
            lines += [_("It opens with this key alone, which is shown only now and kept nowhere:"), answer["key"]]
        return "\n".join([*lines, _("To open it: age --decrypt --identity KEYFILE %(file)s | tar -x") % answer])


def format_download(row: dict[str, Any]) -> str:
    """Return one download as a line."""
    how = row["error_code"] or (_("whole") if row["ended_at"] else _("not ended"))
    return f"{row['at']} {row['requested_by']} {', '.join(row['parts']) or '-'} {row['recipient']} {how}"


def write_file(target: Path, chunks: Iterable[bytes]) -> None:
    """Write a private file that is whole, or not there. Raise CiviparoisseError `file_unwritable`."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise CiviparoisseError("file_unwritable", path=str(target), detail=str(error.strerror)) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            for data in chunks:
                _write(file, data, target)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, target)
    except FileExistsError:
        raise InvalidValue(field="to", reason=_("there is something of that name already.")) from None
    finally:
        partial.unlink(missing_ok=True)


def _write(file: Any, data: bytes, target: Path) -> None:
    try:
        file.write(data)
    except OSError as error:
        raise CiviparoisseError("file_unwritable", path=str(target), detail=str(error.strerror)) from error
