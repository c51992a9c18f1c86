"""Where this installation keeps its state; known before any key or database exists.

The rule: CIVIPAROISSE_STATE_DIR if it is given. Else, installed: /var/lib/civiparoisse as root, `civiparoisse` in the
user's state directory otherwise ($XDG_STATE_HOME or ~/.local/state). A checkout, where somebody develops or tries, has
a place of its own there, which it remembers in a file: it keeps its state when it is moved, and never meets another's.
"""

import hashlib
import os
from pathlib import Path

from civiparoisse.env import read_text

# Of the checkout, or of the installed packages.
BASE_DIR = Path(__file__).resolve().parent.parent
NAME = "civiparoisse"
DATABASE_NAME = "manager.sqlite3"
# In a checkout: the name of its state directory.
RECORD = ".state-name"


def find_data(name: str) -> Path:
    """Return the project's directory `name` (templates, locale): beside the packages in a checkout, inside this one
    in a wheel (pyproject.toml)."""
    inside = Path(__file__).resolve().parent / name
    return inside if inside.is_dir() else BASE_DIR / name


def is_checkout(base_dir: Path) -> bool:
    """Return whether `base_dir` holds the sources rather than installed packages."""
    return (base_dir / "pyproject.toml").is_file() and (base_dir / "manage.py").is_file()


def compute_state_home(*, is_root: bool, home: Path, state_home: str) -> Path:
    """Return what holds state directories. `state_home`: $XDG_STATE_HOME, which counts when it is absolute."""
    if is_root:
        return Path("/var/lib")
    return Path(state_home) if state_home.startswith("/") else home / ".local" / "state"


def compute_checkout_name(base_dir: Path) -> str:
    """Return the name of the state directory of the checkout `base_dir`: the recorded one, else one made of its path.

    Outside the checkout: as root the instances run under other accounts, which may not be able to enter it; and short,
    because Unix sockets live below it (107 bytes).
    """
    try:
        recorded = (base_dir / RECORD).read_text().strip()
    except OSError:
        recorded = ""
    # Nothing else than what this project writes there: it becomes part of a path.
    if recorded.startswith(f"{NAME}-") and recorded.removeprefix(f"{NAME}-").isalnum():
        return recorded
    return f"{NAME}-{hashlib.sha256(str(base_dir).encode()).hexdigest()[:8]}"


def compute_state_dir(base_dir: Path, *, is_root: bool, home: Path, state_home: str = "") -> Path:
    """Return the state directory by the rule above, when none is given."""
    name = compute_checkout_name(base_dir) if is_checkout(base_dir) else NAME
    return compute_state_home(is_root=is_root, home=home, state_home=state_home) / name


def list_checkout_states(state_home: Path) -> list[Path]:
    """Return the state directories of checkouts that hold keys or a database: a new installation says them."""
    found = sorted(state_home.glob(f"{NAME}-*"))
    return [path for path in found if (path / "keys").is_dir() or (path / DATABASE_NAME).is_file()]


STATE_HOME = compute_state_home(is_root=os.geteuid() == 0, home=Path.home(), state_home=read_text("XDG_STATE_HOME", ""))
STATE_DIR = Path(
    read_text(
        "CIVIPAROISSE_STATE_DIR",
        str(
            compute_state_dir(
                BASE_DIR,
                is_root=os.geteuid() == 0,
                home=Path.home(),
                state_home=read_text("XDG_STATE_HOME", ""),
            )
        ),
    )
)
