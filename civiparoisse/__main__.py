"""`python -m civiparoisse COMMAND`: the same as the console script."""

import sys

from civiparoisse.command_line import main

if __name__ == "__main__":
    sys.exit(main())
