"""The command line: the console script `civiparoisse`, `python -m civiparoisse` and manage.py are all this one."""

import importlib.util
import os
import sys

import django
from django.core.management import execute_from_command_line

from civiparoisse.env import WITHOUT_KEYS
from civiparoisse.version import VERSION


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


def main() -> int:
    """Run the command that was typed; return its exit code, or end with it."""
    words = sys.argv[1:]
    if words == ["--version"]:
        sys.stdout.write(f"civiparoisse {VERSION} (Django {django.get_version()})\n")
        return 0
    if wrong := find_wrong_settings(words):
        shown = wrong[:60] if wrong.isprintable() else ascii(wrong[:60])
        sys.stderr.write(f"--settings names Django's settings module, and {shown} is none.\n")
        sys.stderr.write("Rare settings of a cluster: --set NAME=VALUE, or a file: --file PATH (docs/clusters.md).\n")
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civiparoisse.settings")
    if words[:1] == ["manager_restore"]:
        os.environ[WITHOUT_KEYS] = "1"
    if words[:1] == ["setup"] and not {"-h", "--help"} & set(words):
        # The settings cannot be read before there are keys.
        from civiparoisse.keys import prepare_state

        prepare_state()
    execute_from_command_line(sys.argv)
    return 0
