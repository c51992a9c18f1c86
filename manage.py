#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line

from civiparoisse.env import WITHOUT_KEYS

if __name__ == "__main__":
    if sys.argv[1:2] == ["manager_restore"]:
        os.environ[WITHOUT_KEYS] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civiparoisse.settings")
    execute_from_command_line(sys.argv)
