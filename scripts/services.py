"""Start, watch and stop the processes of this checkout: `scripts/services.py start|stop|status|foreground`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from civiparoisse.services import main

if __name__ == "__main__":
    main()
