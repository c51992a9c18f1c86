"""Each kind's settings: what is given is recorded in one form, every fault has its field."""

import json
import subprocess

import pytest

from offsite.destinations import find_rclone
from offsite.models import DestinationKind
from offsite.providers import RCLONE_KINDS, SETTINGS, WRITE_ONLY, list_names, validate_settings

ACCOUNT = json.dumps({"client_email": "a@b", "private_key": "k"})
GIVEN = {
    "azure": {"container": "copies", "account": "uepal", "key": "c2VjcmV0"},
    "gcs": {"bucket": "copies", "service_account": ACCOUNT},
    "webdav": {"url": "https://cloud.example.org/dav/", "user": "copies", "password": "x"},
    "directory": {"path": "/srv/copies"},
}


@pytest.mark.parametrize("kind", GIVEN)
def test_what_is_right_is_recorded_with_its_defaults(kind: str) -> None:
    recorded, faults = validate_settings(kind, GIVEN[kind])
    assert faults == [] and recorded.keys() == SETTINGS[kind].keys()


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("gcs", {"service_account": "{}"}, "service_account"),
        ("gcs", {"service_account": "[" * 10_000}, "service_account"),
        ("webdav", {"url": "https://cloud.example.org/?x=1"}, "url"),
        ("webdav", {"url": "https://cloud.example.org/a b"}, "url"),
        ("directory", {"path": "relative"}, "path"),
        ("directory", {"path": "/"}, "path"),
        ("directory", {"path": "/a/../b"}, "path"),
        ("azure", {"key": "x" * 20_000}, "key"),
    ],
)
def test_what_is_wrong_is_refused(kind: str, change: dict[str, str], field: str) -> None:
    _recorded, faults = validate_settings(kind, {**GIVEN[kind], **change})
    assert [fault["field"] for fault in faults] == [field]


def test_every_option_is_one_of_rclone() -> None:
    done = subprocess.run([find_rclone(), "config", "providers"], capture_output=True, check=True)
    known = {one["Name"]: {option["Name"] for option in one["Options"]} for one in json.loads(done.stdout)}
    for kind, declared in SETTINGS.items():
        options = {setting.option for setting in declared.values()} - {""}
        assert options <= known[RCLONE_KINDS[kind]]


def test_every_kind_and_every_write_only_account_is_declared() -> None:
    assert SETTINGS.keys() == RCLONE_KINDS.keys() == set(DestinationKind.values)
    assert set(WRITE_ONLY) | set(WRITE_ONLY.values()) <= list_names().keys()
