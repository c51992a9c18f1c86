"""Numbers that the machine's installations share out (ports, accounts): each is one instance's while that lives.

Every installation of the machine, whoever's it is, enters its claims in one folder of the machine: two of them never
take one number, even while what it is for is stopped. An entry whose instance is gone counts for nothing.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Book:
    """One kind of number. `name`: of the folder below an engine's root, where each claim is a link `<number>` to its
    owner, made in one system call and so never half written. `machine`: the whole machine's folder; `mode`: its."""

    name: str
    machine: Path
    mode: int

    def list_claims(self, root: Path) -> list[tuple[int, str]]:
        """Return this installation's numbers with their owners."""
        try:
            entries = sorted(os.listdir(root / self.name))
        except FileNotFoundError:
            return []
        pairs = ((entry, _read(root / self.name / entry)) for entry in entries if entry.isdigit())
        return [(int(entry), owner) for entry, owner in pairs if owner is not None]

    def claim(self, root: Path, number: int, owner: str, *, is_new: bool = False) -> bool:
        """Claim a number for `owner` on this machine and in this installation; return False when it is somebody's
        already. `is_new`: a claim that `owner` already has counts as somebody's too."""
        mine = root / self.name / str(number)
        try:
            os.symlink(owner, mine)
        except FileExistsError:
            if is_new or _read(mine) != owner:
                return False
        if self._enter(number, mine):
            return True
        mine.unlink(missing_ok=True)
        return False

    def release(self, root: Path, number: int) -> None:
        """Give up this installation's claim of a number."""
        mine = root / self.name / str(number)
        entry = self.machine / str(number)
        if _read(entry) == str(mine):
            entry.unlink(missing_ok=True)
        mine.unlink(missing_ok=True)

    def _enter(self, number: int, mine: Path) -> bool:
        """Enter a claim of this installation in the machine's; return False when another's stands there."""
        if not self.machine.is_dir():
            self.machine.mkdir(parents=True, exist_ok=True)
            self.machine.chmod(self.mode)
        entry = self.machine / str(number)
        for _ in range(2):
            try:
                os.symlink(mine, entry)
            except FileExistsError:
                holder = _read(entry)
                if holder == str(mine):
                    return True
                if holder is not None and os.path.lexists(holder):
                    return False
                try:
                    entry.unlink(missing_ok=True)  # its instance, or its whole installation, is gone
                except PermissionError:
                    return False
            else:
                return True
        return False


def _read(entry: Path) -> str | None:
    try:
        return os.readlink(entry)
    except OSError:
        return None
