"""Instances that share an account are told among the manager's faults, and only those."""

import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from civiparoisse.neighbours import list_account_faults
from engine.local.accounts import get_account
from engine.local.layout import ensure_directories, make_layout
from engine.local.own_accounts import make_account
from operations.watch import list_manager_faults


def make_place(root: Path, identifier: str, number: int | None) -> None:
    """Make an instance's folders: under a number where we may, else under our own account."""
    account = make_account(number) if number is not None and os.geteuid() == 0 else get_account("www-data")
    ensure_directories(make_layout(root, identifier), account)


@pytest.mark.django_db
def test_two_under_one_account_are_a_warning_of_the_manager_that_stops_nothing(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.LOCAL_ENGINE_ROOT = tmp_path
    make_place(tmp_path, "saint-paul", 51001)
    assert list_account_faults(now=timezone.now()) == []
    for identifier in ("sainte-marie", "saint-jean"):
        make_place(tmp_path, identifier, None)
    faults = [fault for fault in list_manager_faults(now=timezone.now()) if fault.code == "shared_account"]
    assert len(faults) == 1 and not faults[0].is_critical and not faults[0].stops_work
    assert faults[0].params["count"] == (2 if os.geteuid() == 0 else 3)
    assert "CIVIPAROISSE_LOCAL_ACCOUNT" in faults[0].hint
