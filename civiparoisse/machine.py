"""The manager on one machine as systemd runs it: an account, a settings file, units; made and removed as files.

`make_files` decides what there is to be (pure), `install` and `uninstall` act. Below another root, of a machine that is
being made, files are written and nothing is started.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError

ACCOUNT = "civiparoisse"
STATE = Path("/var/lib/civiparoisse")
SETTINGS = Path("/etc/civiparoisse/civiparoisse.env")
UNITS = Path("/etc/systemd/system")
TARGET = "civiparoisse.target"
SERVICES = ("web", "worker", "beat")
TEMPLATES = Path(__file__).resolve().parent / "systemd"
SECONDS = 300
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class File:
    """One file of an installation. `is_kept`: people change it; what is there stays, also when all else goes."""

    path: Path
    mode: int
    content: str
    is_kept: bool = False


def make_files(program: Path) -> list[File]:
    """Return the files of an installation whose console script is `program`."""
    units = [*(f"civiparoisse-{name}.service" for name in SERVICES), TARGET]
    texts = {name: (TEMPLATES / name).read_text().replace("@program@", str(program)) for name in units}
    command = (TEMPLATES / "command").read_text().replace("@program@", str(program))
    return [
        File(Path("/etc/sysusers.d/civiparoisse.conf"), 0o644, f'u {ACCOUNT} - "Civiparoisse manager" {STATE}\n'),
        File(SETTINGS, 0o640, (TEMPLATES / "civiparoisse.env").read_text(), is_kept=True),
        *(File(UNITS / name, 0o644, text) for name, text in texts.items()),
        File(Path("/usr/local/bin/civiparoisse"), 0o755, command),
    ]


def add_options(parser: Any, *, dry_run: str) -> None:
    """Add what both commands take: whether only to say what would be done (`dry_run`: its help), and where."""
    parser.add_argument("--dry-run", action="store_true", help=dry_run)
    parser.add_argument(
        "--root", type=Path, default=Path("/"), help=_("the root of a machine that is being made; nothing is started")
    )


def require_root() -> None:
    """Raise CiviparoisseError `install_needs_root` for anybody else."""
    if os.geteuid() != 0:
        raise CiviparoisseError("install_needs_root")


def check_program(program: Path) -> None:
    """Raise CiviparoisseError `install_unreachable` unless the manager's account can run `program` where it lies."""
    closed = [path for path in program.resolve().parents if not path.stat().st_mode & 0o001]
    hidden = any(program.resolve().is_relative_to(home) for home in ("/home", "/root", "/run/user", "/tmp"))
    if closed or hidden or not program.is_file():
        raise CiviparoisseError("install_unreachable", program=str(program))


def install(program: Path, *, root: Path, say: Say) -> None:
    """Install below `root`, or bring an installation to this version; what people changed is kept. Repeatable."""
    for file in make_files(program):
        target = place(root, file.path)
        if file.is_kept and target.exists():
            say(f"kept  {file.path}")
            continue
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        partial.write_text(file.content)
        partial.chmod(file.mode)
        partial.replace(target)
        say(f"wrote {file.path}")
    run(["systemd-sysusers", f"--root={root}", "civiparoisse.conf"])
    give_to_account(root)
    say(f"state {STATE}")
    if root == Path("/"):
        run(["/usr/local/bin/civiparoisse", "setup"])
        run(["systemctl", "daemon-reload"])
        units = [f"civiparoisse-{name}.service" for name in SERVICES]
        run(["systemctl", "enable", TARGET, *units])
        run(["systemctl", "restart", *units])


def uninstall(*, root: Path, say: Say) -> None:
    """Stop the manager and remove what `install` made of it; the account, the settings and all data stay."""
    if root == Path("/"):
        units = [TARGET, *(f"civiparoisse-{name}.service" for name in SERVICES)]
        present = [name for name in units if (UNITS / name).exists()]
        if present:
            run(["systemctl", "disable", "--now", *present])
    for file in make_files(Path("-")):
        target = place(root, file.path)
        if file.is_kept or not target.exists():
            continue
        target.unlink()
        say(f"removed {file.path}")
    if root == Path("/"):
        run(["systemctl", "daemon-reload"])


def place(root: Path, path: Path) -> Path:
    """Return where `path` of the installed machine lies as long as that is below `root`."""
    return root / path.relative_to("/")


def give_to_account(root: Path) -> None:
    """Make the state directory, the account's alone, and let the account read its settings."""
    account, group = read_account(root)
    state = place(root, STATE)
    state.mkdir(mode=0o750, parents=True, exist_ok=True)
    state.chmod(0o750)
    os.chown(state, account, group)
    os.chown(place(root, SETTINGS), 0, group)


def read_account(root: Path) -> tuple[int, int]:
    """Return the numbers of the manager's account and group on the machine below `root`."""
    for line in place(root, Path("/etc/passwd")).read_text().splitlines():
        name, _password, account, group, *_rest = line.split(":")
        if name == ACCOUNT:
            return int(account), int(group)
    raise CiviparoisseError("install_failed", command="systemd-sysusers", detail=f"no account {ACCOUNT}")


def run(command: list[str]) -> None:
    """Run a program of the system. Raise CiviparoisseError `missing_program`, or `install_failed` with its words."""
    if shutil.which(command[0]) is None:
        raise CiviparoisseError("missing_program", program=command[0], package="systemd")
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-500:]
        raise CiviparoisseError("install_failed", command=" ".join(command), detail=said)
