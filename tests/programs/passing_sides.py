"""Both sides of a set's way, on this machine: two volumes, a key, certificates of the source."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from manifests.tls import make_tls_bundle
from tests.servers import find_free_port

ROOT = Path(__file__).resolve().parents[2]
BACKUP_ID = "20261121T080000Z-5f3a9c"
NAME = "civicrmdb.saint-paul.svc"


@dataclass(frozen=True)
class Sides:
    """`source`, `target`: the volumes of both instances. `environment`: what both programs share."""

    place: Path
    source: Path
    target: Path
    environment: dict[str, str]

    def make_environment(self, side: str, **changes: str) -> dict[str, str]:
        volume = self.source if side == "send" else self.target
        result = str(self.place / f"{side}.json")
        return {**self.environment, "BACKUPS_DIR": str(volume), "RESULT_FILE": result, **changes}

    def start(self, side: str, **changes: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"programs.{side}"]
        return subprocess.Popen(command, cwd=ROOT, env=self.make_environment(side, **changes), stderr=subprocess.PIPE)

    def read_result(self, side: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.place / f"{side}.json").read_text())
        return content


def make_sides(place: Path) -> Sides:
    """Return both sides with one set on the source's volume."""
    source, target = place / "source", place / "target"
    (source / BACKUP_ID).mkdir(parents=True)
    target.mkdir()
    (source / BACKUP_ID / "manifest.json").write_text("{}")
    (source / BACKUP_ID / "civicrm.sql.gz").write_bytes(os.urandom(3_000_000))
    bundle = make_tls_bundle("saint-paul", "www.saint-paul.example.org", now=datetime.now(UTC))
    files = {"crt": bundle.db_certificate, "key": bundle.db_key, "ca": bundle.ca_certificate, "mk": "k" * 32}
    for name, text in files.items():
        (place / name).write_text(text)
    environment = {
        "PATH": os.environ["PATH"],
        "BACKUP_ID": BACKUP_ID,
        "MANIFEST_KEY_FILE": str(place / "mk"),
        "TLS_CERTIFICATE": str(place / "crt"),
        "TLS_KEY": str(place / "key"),
        "TLS_AUTHORITY": str(place / "ca"),
        "SOURCE": "saint-paul",
        "SOURCE_ADDRESS": "127.0.0.1",
        "SOURCE_NAME": NAME,
        "PASSING_PORT": str(find_free_port()),
        "WAIT_SECONDS": "30",
    }
    return Sides(place, source, target, environment)
