"""A copy elsewhere beside the plain tools: `python -m bench.offsite [--megabytes N] [--night-megabytes N] [--runs N]`.

The same set (artifacts that are compressed already) goes to the same directory, in pairs: by `programs.copy`, which
seals to two public keys and to the set's own, and keeps the sums of all that it sent; and, without any check, by
`tar | gzip -6 | rclone rcat` into a crypt remote, and by the same without gzip. Medians of time and of processor
seconds, and of the ratios of each pair. Then what one set of --night-megabytes costs the pod and the manager
(comparison with what the destination tells), times 300.
"""

import argparse
import contextlib
import io
import os
import random
import resource
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pyrage

from programs.copy import main as copy_set
from programs.offsite.carrier import Carrier, PlaceAway
from tests.places_away import RCLONE, obscure

ROOT = Path(__file__).resolve().parent.parent
BACKUP_ID = "20261121T080000Z-5f3a9c"
PARISHES = 300
Costs = tuple[float, float]


def say(text: str) -> None:
    """Print one line of the report."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def make_set(directory: Path, *, megabytes: int) -> Path:
    """Make a set of incompressible artifacts, as zstd and gzip leave them."""
    set_dir = directory / "sets" / BACKUP_ID
    set_dir.mkdir(parents=True)
    chance = random.Random(1)
    for name, share in (("civicrm.sql.zst", 0.3), ("civilog.sql.zst", 0.1), ("files.tar.zst", 0.6)):
        with (set_dir / name).open("wb") as file:
            for _ in range(max(1, int(megabytes * share))):
                file.write(chance.randbytes(1024 * 1024))
    (set_dir / "manifest.json").write_text("{}")
    return set_dir


def measure(work: Callable[[], object]) -> Costs:
    """Seconds and processor seconds of `work`, its children included."""

    def read_cpu() -> float:
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    began, cpu = time.monotonic(), read_cpu()
    work()
    return time.monotonic() - began, read_cpu() - cpu


class Ours:
    """`programs.copy` of one set into a directory."""

    def __init__(self, directory: Path, set_dir: Path) -> None:
        self.directory, self.set_dir = directory, set_dir
        self.identities = [pyrage.x25519.Identity.generate() for _ in range(2)]
        self.away = directory / "away"
        self.place = PlaceAway(kind="local", options={}, root=str(self.away))
        self.told: dict[str, object] = {}

    def run(self) -> None:
        """Seal and send it, anew."""
        shutil.rmtree(self.away, ignore_errors=True)
        work = self.directory / "work"
        for path in (self.away, work):
            path.mkdir(exist_ok=True)
        (self.directory / "destination").write_text(self.place.format())
        environment = {
            "BACKUPS_DIR": str(self.set_dir.parent),
            "BACKUP_ID": self.set_dir.name,
            "TENANT": "saint-paul",
            "INSTANCE": "saint-paul",
            "RECIPIENTS": " ".join(str(identity.to_public()) for identity in self.identities),
            "SET_NAME": f"{'a' * 32}/{secrets.token_hex(16)}",
            "DESTINATION_FILE": str(self.directory / "destination"),
            "WORK_DIR": str(work),
            "RCLONE": RCLONE,
        }
        with contextlib.redirect_stdout(io.StringIO()):
            self.told = dict(copy_set(environment))

    def compare(self) -> None:
        """Do what the manager does once it was sent: list with checksums, read the list of contents."""
        carrier = Carrier(self.place, work_dir=self.directory, program=RCLONE)
        contents = self.told["contents"]
        assert isinstance(contents, dict)
        carrier.list(str(contents["name"]).rpartition("/")[0], hashes=True)
        pyrage.decrypt(carrier.read(str(contents["name"]), most_bytes=10**7), self.identities[:1])


def run_plain(directory: Path, set_dir: Path, *, with_gzip: bool) -> None:
    """The same by the plain tools, without any check."""
    away = directory / "plain"
    shutil.rmtree(away, ignore_errors=True)
    away.mkdir()
    environment = {
        **os.environ,
        "RCLONE_CONFIG": "",
        "RCLONE_CONFIG_SEALED_TYPE": "crypt",
        "RCLONE_CONFIG_SEALED_REMOTE": str(away),
        "RCLONE_CONFIG_SEALED_PASSWORD": obscure("a password of the baseline"),
    }
    gzip = "gzip -6 |" if with_gzip else ""
    command = f"tar cf - -C {set_dir.parent} {set_dir.name} | {gzip} {RCLONE} rcat sealed:set"
    subprocess.run(["bash", "-o", "pipefail", "-c", command], env=environment, check=True, stderr=subprocess.DEVNULL)


def report(name: str, ours: list[Costs], other: list[Costs]) -> None:
    """Print medians and the medians of the ratios."""
    ratios = [[mine[which] / theirs[which] for mine, theirs in zip(ours, other, strict=True)] for which in (0, 1)]
    medians = [statistics.median(costs[which] for costs in other) for which in (0, 1)]
    say(
        f"{name}: {medians[0]:.2f} s, {medians[1]:.2f} s of CPU; ours takes {statistics.median(ratios[0]):.2f} of its "
        f"time, {statistics.median(ratios[1]):.2f} of its CPU"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--night-megabytes", type=int, default=25)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cp-bench-offsite-") as name:
        directory = Path(name)
        set_dir = make_set(directory, megabytes=options.megabytes)
        ours, zipped, plain = Ours(directory, set_dir), [], []
        costs = []
        for _ in range(options.runs):
            costs.append(measure(ours.run))
            zipped.append(measure(lambda: run_plain(directory, set_dir, with_gzip=True)))
            plain.append(measure(lambda: run_plain(directory, set_dir, with_gzip=False)))
        medians = [statistics.median(one[which] for one in costs) for which in (0, 1)]
        size = f"{ours.told['sealed_bytes']} bytes there"
        say(f"copy of {options.megabytes} MiB: {medians[0]:.2f} s, {medians[1]:.2f} s of CPU, {size}")
        report("tar | gzip -6 | rclone crypt", costs, zipped)
        report("tar | rclone crypt", costs, plain)
        shutil.rmtree(set_dir)
        night = Ours(directory, make_set(directory / "night", megabytes=options.night_megabytes))
        pod = statistics.median(measure(night.run)[1] for _ in range(options.runs))
        manager = statistics.median(measure(night.compare)[1] for _ in range(options.runs))
        say(
            f"a night of {PARISHES} parishes of {options.night_megabytes} MiB, one destination: {pod * PARISHES:.0f} s "
            f"of CPU in pods ({pod:.2f} each), {manager * PARISHES:.0f} s in the manager ({manager:.2f} each)"
        )


if __name__ == "__main__":
    main()
