"""The project as people install it: a wheel in a virtual environment outside the checkout, with a state of its own."""

import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

from tests.gates.source import ROOT

SECONDS = 180


def build_wheel(folder: Path) -> Path:
    """Build the wheel into `folder`; return its path."""
    options = ("--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("civiparoisse_manager-*.whl")
    return wheel


class Installed:
    """The installed manager. Its libraries are those of the tests; of the checkout it sees nothing."""

    def __init__(self) -> None:
        """Build, and install, in a new place."""
        self.place = Path(tempfile.mkdtemp(prefix="cpw-", dir="/tmp"))
        self.state = self.place / "state"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CIVIPAROISSE_", "DJANGO_"))}
        self.environment = kept | {
            "CIVIPAROISSE_STATE_DIR": str(self.state),
            "CIVIPAROISSE_SWEEP_SECONDS": "1",
            "CIVIPAROISSE_DISK_WARNING_MEBIBYTES": "0",
            "CIVIPAROISSE_NIGHTLY_BACKUPS": "0",
        }
        self.environment.pop("PYTHONPATH", None)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.wheel = build_wheel(self.place)
        venv.create(self.place / "venv", symlinks=True)
        (self.packages,) = (self.place / "venv" / "lib").glob("python3*/site-packages")
        (self.packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
        options = ("--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
        self.python = self.place / "venv" / "bin" / "python"
        self._check([str(self.python), "-m", "pip", "install", *options, str(self.wheel)])
        self.program = self.place / "venv" / "bin" / "civiparoisse"

    def _check(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=self.place, env=self.environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run(self, *arguments: str) -> str:
        """Run the console script to its end, which must be a good one; return what it said."""
        return self._check([str(self.program), *arguments])

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start the console script in the background; its words go to the file `log`."""
        with (self.place / "log").open("ab") as log:
            process = subprocess.Popen(
                [str(self.program), *arguments],
                cwd=self.place,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def terminate(self, process: "subprocess.Popen[bytes]") -> int:
        """Ask one to end; return its exit code."""
        process.send_signal(signal.SIGTERM)
        return process.wait(SECONDS)

    def kill_all(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(30)
