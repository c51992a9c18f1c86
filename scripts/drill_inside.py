"""What the drill does inside of its instances, in a process that knows its settings: `write`, `carry`, `read`."""

import json
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civiparoisse.settings")
django.setup()

from demo_data import read_fingerprint, write_data
from django.utils import timezone

from offsite.copies import carry_copies
from offsite.models import BackupCopy, CopyState
from tenants.models import Instance


def write() -> bool:
    """Write other data into each parish."""
    for number, instance in enumerate(Instance.objects.order_by("pk")):
        write_data(instance, seed=number + 1)
    return True


def carry() -> int:
    """Do what the clock does for the copies; return how many are there and checked."""
    carry_copies(now=timezone.now())
    time.sleep(0.5)  # between two looks
    return BackupCopy.objects.filter(state=CopyState.CHECKED).count()


def read() -> dict[str, object]:
    """Return what each parish holds."""
    found: dict[str, object] = {}
    for instance in Instance.objects.order_by("identifier"):
        held = read_fingerprint(instance)
        found[instance.identifier] = {
            "tables": held.tables,
            "objects": sorted(held.objects),
            "files": held.files,
            "rows": held.rows,
        }
    return found


if __name__ == "__main__":
    print(json.dumps({"write": write, "carry": carry, "read": read}[sys.argv[1]]()))  # noqa: T201 - its answer
