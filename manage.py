#!/usr/bin/env python
"""The command line of a checkout; installed, it is called `civiparoisse` (civiparoisse/command_line.py)."""

import sys

from civiparoisse.command_line import main

if __name__ == "__main__":
    sys.exit(main())
