"""Options of a command, made of what a kind declares, and read back."""

import argparse

import pytest

from operations.command_options import add_options, make_option, read_options
from operations.registry import get_kind


def read(kind: str, *typed: str, dry_run: bool = False) -> dict[str, object]:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_options(parser, get_kind(kind))
    options = {**vars(parser.parse_args(typed)), "dry_run": dry_run, "instance": "saint-paul"}
    return read_options(options, get_kind(kind))


def test_a_flag_that_is_true_by_default_is_refused_by_its_option() -> None:
    assert read("delete") == {"final_backup": True, "purge_backups": False, "confirm": ""}
    typed = read("delete", "--no-final-backup", "--purge-backups", "--confirm", "saint-paul")
    assert typed == {"final_backup": False, "purge_backups": True, "confirm": "saint-paul"}


def test_a_dry_run_takes_the_confirmation_as_given() -> None:
    assert read("delete", dry_run=True)["confirm"] == "saint-paul"


def test_what_excludes_another_cannot_be_typed_with_it() -> None:
    assert read("prune", "--backup", "a", "--backup", "b") == {"backup_ids": ["a", "b"], "confirm": ""}
    assert read("prune", "--older-than-days", "9") == {"older_than_days": 9, "confirm": ""}
    with pytest.raises(argparse.ArgumentError):
        read("prune", "--older-than-days", "9", "--backup", "a")


def test_what_is_the_manager_s_own_has_no_option() -> None:
    names = {make_option(parameter) for parameter in get_kind("backup").list_offered()}
    assert names == {"--scope", "--mode", "--codec"}
