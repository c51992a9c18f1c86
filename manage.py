#!/usr/bin/env python
"""Django's command line."""

import importlib.util
import os
import sys

from django.core.management import execute_from_command_line

from civiparoisse.env import WITHOUT_KEYS


def find_wrong_settings(arguments: list[str]) -> str:
    """Return what `--settings` names and is no module that can be imported: the flag is Django's own, and its traceback
    helps nobody. Empty when there is none."""
    for position, argument in enumerate(arguments):
        flag, equals, value = argument.partition("=")
        if flag != "--settings":
            continue
        named = value if equals else arguments[position + 1] if position + 1 < len(arguments) else ""
        try:
            known = bool(named) and importlib.util.find_spec(named) is not None
        except (ImportError, ValueError):
            known = False
        if not known:
            return named or "-"
    return ""


if __name__ == "__main__":
    if wrong := find_wrong_settings(sys.argv[1:]):
        shown = wrong[:60] if wrong.isprintable() else ascii(wrong[:60])
        sys.stderr.write(f"--settings names Django's settings module, and {shown} is none.\n")
        sys.stderr.write("Rare settings of a cluster: --set NAME=VALUE, or a file: --file PATH (docs/clusters.md).\n")
        sys.exit(2)
    if sys.argv[1:2] == ["manager_restore"]:
        os.environ[WITHOUT_KEYS] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civiparoisse.settings")
    execute_from_command_line(sys.argv)
