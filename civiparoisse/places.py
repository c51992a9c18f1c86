"""Where this installation keeps its state; known before any key or database exists."""

import hashlib
import os
from pathlib import Path

from civiparoisse.env import read_text

BASE_DIR = Path(__file__).resolve().parent.parent


def compute_state_dir(base_dir: Path, *, is_root: bool, home: Path) -> Path:
    """Return the default state directory of the checkout `base_dir`.

    Outside the checkout, one per checkout: as root the instances run under another account, which may not be able
    to enter the checkout; and the path must stay short, because Unix sockets live below it (107 bytes).
    """
    name = f"civiparoisse-{hashlib.sha256(str(base_dir).encode()).hexdigest()[:8]}"
    return Path("/var/lib") / name if is_root else home / ".local" / "state" / name


STATE_DIR = Path(
    read_text(
        "CIVIPAROISSE_STATE_DIR",
        str(compute_state_dir(BASE_DIR, is_root=os.geteuid() == 0, home=Path.home())),
    )
)
