"""The kinds of destination: what each takes, and how rclone is told. Declared once; every door derives from here."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from domain.errors import InvalidValue
from domain.values import parse_host, parse_port
from offsite.models import DestinationKind

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
FOLDER = re.compile(r"(?!/)(?!.*(//|\.\.|/\.|[\x00-\x1f\x7f]))[^\\:]{0,200}(?<!/)")
ACCOUNT = re.compile(r"[^\x00-\x20\x7f]{1,200}")
WORD = re.compile(r"[A-Za-z0-9-]{0,40}")
SECRET_LENGTH = 10_000
HOST_KEY = re.compile(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]{40,2000}")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a kind. `option`: rclone's name of it, "" where it becomes something else. `default`: None where
    one must be given. `obscured`: rclone wants it in its own writing."""

    parse: Callable[[str, object], Any]
    default: Any = None
    option: str = ""
    is_secret: bool = False
    obscured: bool = False


def _matching(pattern: re.Pattern[str], describe: Callable[[], str]) -> Callable[[str, object], str]:
    def parse(field: str, value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise InvalidValue(field=field, reason=describe())
        return value

    return parse


def parse_secret(field: str, value: object) -> str:
    """Return a password, key or document, without the white space around it."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > SECRET_LENGTH or "\0" in text:
        raise InvalidValue(
            field=field, reason=_("give a text of at most %(count)s characters.") % {"count": SECRET_LENGTH}
        )
    return text


def parse_url(field: str, value: object) -> str:
    """Return an address of HTTP, without account, question or fragment."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        valid = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment or parts.username or re.search(r"[\x00-\x20\x7f]", str(value)):
        raise InvalidValue(field=field, reason=_("give an address such as https://s3.example.org."))
    return str(value).rstrip("/")


def parse_account_document(field: str, value: object) -> str:
    """Return the JSON key of a Google service account."""
    text = parse_secret(field, value)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not {"client_email", "private_key"} <= document.keys():
        raise InvalidValue(field=field, reason=_("give the JSON key of a service account."))
    return json.dumps(document)


def parse_directory(field: str, value: object) -> str:
    """Return an absolute path."""
    if not isinstance(value, str) or not value.startswith("/") or value == "/" or not FOLDER.fullmatch(value[1:]):
        raise InvalidValue(field=field, reason=_("give the absolute path of a directory."))
    return value


_bucket = _matching(BUCKET, lambda: _("give 3 to 63 lower-case letters, digits, dots and hyphens."))
_folder = _matching(FOLDER, lambda: _("give names with slashes between them, none first or last."))
_account = _matching(ACCOUNT, lambda: _("give a text without spaces, of at most 200 characters."))
_word = _matching(WORD, lambda: _("give letters, digits and hyphens."))
_host_key = _matching(HOST_KEY, lambda: _("give a key as ssh-keyscan shows it, e.g. ssh-ed25519 AAAA…"))
FOLDER_SETTING = Setting(_folder, "")

SETTINGS: dict[str, dict[str, Setting]] = {
    DestinationKind.S3.value: {
        "bucket": Setting(_bucket),
        "folder": FOLDER_SETTING,
        "endpoint": Setting(parse_url, "", option="endpoint"),
        "region": Setting(_word, "", option="region"),
        "access_key_id": Setting(_account, option="access_key_id"),
        "secret_access_key": Setting(parse_secret, option="secret_access_key", is_secret=True),
        "write_access_key_id": Setting(_account, ""),
        "write_secret_access_key": Setting(parse_secret, "", is_secret=True),
    },
    DestinationKind.AZURE.value: {
        "container": Setting(_bucket),
        "folder": FOLDER_SETTING,
        "account": Setting(_account, option="account"),
        "key": Setting(parse_secret, option="key", is_secret=True),
        "endpoint": Setting(parse_url, "", option="endpoint"),
    },
    DestinationKind.GCS.value: {
        "bucket": Setting(_bucket),
        "folder": FOLDER_SETTING,
        "service_account": Setting(parse_account_document, option="service_account_credentials", is_secret=True),
        "write_service_account": Setting(parse_account_document, "", is_secret=True),
    },
    DestinationKind.SFTP.value: {
        "host": Setting(lambda field, value: parse_host(field, value, required=True), option="host"),
        "port": Setting(parse_port, 22, option="port"),
        "host_key": Setting(_host_key),
        "user": Setting(_account, option="user"),
        "password": Setting(parse_secret, "", option="pass", is_secret=True, obscured=True),
        "private_key": Setting(parse_secret, "", option="key_pem", is_secret=True),
        "folder": FOLDER_SETTING,
    },
    DestinationKind.WEBDAV.value: {
        "url": Setting(parse_url, option="url"),
        "user": Setting(_account, option="user"),
        "password": Setting(parse_secret, option="pass", is_secret=True, obscured=True),
        "folder": FOLDER_SETTING,
    },
    DestinationKind.DIRECTORY.value: {"path": Setting(parse_directory)},
}
RCLONE_KINDS = {
    DestinationKind.S3.value: "s3",
    DestinationKind.AZURE.value: "azureblob",
    DestinationKind.GCS.value: "google cloud storage",
    DestinationKind.SFTP.value: "sftp",
    DestinationKind.WEBDAV.value: "webdav",
    DestinationKind.DIRECTORY.value: "local",
}
# What writes alone, where the provider knows such accounts: setting -> the one that it stands for in a pod.
WRITE_ONLY = {
    "write_access_key_id": "access_key_id",
    "write_secret_access_key": "secret_access_key",
    "write_service_account": "service_account",
}
# What tells one place from another, whatever folder and account are used there.
WHERE = ("endpoint", "account", "bucket", "container", "host", "url", "path")
LOCKABLE = frozenset({DestinationKind.S3.value})


def list_names() -> dict[str, bool]:
    """Return every setting of any kind, and whether it is a secret."""
    return {name: setting.is_secret for declared in SETTINGS.values() for name, setting in declared.items()}


def compute_place(kind: str, settings: Mapping[str, Any]) -> str:
    """Return a digest of where a destination is: the same for two destinations in one bucket, server or directory."""
    where = [str(settings.get(name) or "").lower().rstrip("/") for name in WHERE]
    return hashlib.sha256(json.dumps([kind, *where]).encode()).hexdigest()


def validate_settings(kind: str, given: Mapping[str, object]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return the settings of a kind in their recorded form, and every fault: {field, reason}, never a secret."""
    declared, recorded, faults = SETTINGS[kind], {}, []
    for name in sorted(set(given) - declared.keys()):
        faults.append({"field": name, "reason": _("this kind of destination has no such setting.")})
    for name, setting in declared.items():
        value = given.get(name)
        try:
            if value is None or value == "":
                if setting.default is None:
                    raise InvalidValue(field=name, reason=_("is missing."))
                recorded[name] = setting.default
            else:
                recorded[name] = setting.parse(name, value)
        except InvalidValue as error:
            faults.append({"field": name, "reason": str(error.params["reason"])})
    if not faults:
        faults += _list_contradictions(kind, recorded)
    return recorded, faults


def _list_contradictions(kind: str, recorded: Mapping[str, Any]) -> list[dict[str, str]]:
    if kind == DestinationKind.SFTP and bool(recorded["password"]) == bool(recorded["private_key"]):
        return [{"field": "password", "reason": _("give either a password or a private key.")}]
    if kind == DestinationKind.S3 and bool(recorded["write_access_key_id"]) != bool(
        recorded["write_secret_access_key"]
    ):
        return [{"field": "write_access_key_id", "reason": _("give both halves of the write-only account.")}]
    return []
