"""The disaster drill: two parishes with data, copies in a bucket with object lock; then everything is deleted, and all
comes back from the bucket and the printed key alone, compared to the last bit. `drill.py run`.

Uses the commands of docs/disaster.md, each in a process of its own, on a state directory of its own below /tmp.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from botocore.exceptions import ClientError

from engine.local.servers import stop_all
from tests.local_engines import choose_ports
from tests.places_away import ACCOUNT, BUCKET, PASSWORD, make_bucket, make_s3_client, s3_server

PARISHES = ("saint-paul", "sainte-marie")
COMMAND_SECONDS, COPY_SECONDS = 600, 300
LOCK_DAYS = 30


class DrillFailed(Exception):
    """Something did not come back; the text says what."""


def say(text: str) -> None:
    """Tell the person what is going on."""
    print(text, flush=True)  # noqa: T201 - for a person


class Machine:
    """A manager on a state directory of its own, reached by its command line."""

    def __init__(self, state: Path) -> None:
        self.state = state
        ports = choose_ports()
        ours = ("CIVIPAROISSE_", "DJANGO_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.environment = kept | {
            "CIVIPAROISSE_STATE_DIR": str(state),
            "CIVIPAROISSE_LOCAL_FIRST_PORT": str(ports[0]),
            "CIVIPAROISSE_LOCAL_LAST_PORT": str(ports[-1]),
            "CIVIPAROISSE_NIGHTLY_BACKUPS": "0",
        }

    def run(self, *words: str, typed: str = "") -> str:
        """Run a program of the project; return what it printed. Raise DrillFailed with what it said."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise DrillFailed(f"{' '.join(words)}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def command(self, *words: str, typed: str = "") -> dict[str, Any]:
        """Run a command of the manager; return its document."""
        began = time.monotonic()
        document: dict[str, Any] = json.loads(self.run("manage.py", *words, "--json", typed=typed))
        say(f"  {' '.join(words[:2])}: {time.monotonic() - began:.1f} s")
        return document

    def look(self, action: str) -> Any:
        """Do something inside of the instances (drill_inside.py); return what it found."""
        return json.loads(self.run("scripts/drill_inside.py", action).splitlines()[-1])


def build(machine: Machine, address: str) -> str:
    """Make two parishes with data, a destination with object lock, and a recovery key; return what is on its paper."""
    machine.run("-m", "civiparoisse.keys")
    machine.run("manage.py", "migrate", "--verbosity", "0")
    printed = machine.command("recovery_key_create")
    machine.command("recovery_key_prove", typed=printed["private"])
    asked = ["--kind", "s3", "--bucket", BUCKET, "--endpoint", address, "--region", "us-east-1"]
    asked += ["--access-key-id", ACCOUNT, "--lock-mode", "compliance", "--lock-days", str(LOCK_DAYS)]
    machine.command("destination_create", "bucket", *asked, "--secret-access-key-file", "-", typed=PASSWORD)
    for slug in PARISHES:
        machine.command("tenant_create", "--file", str(ROOT / "demo" / f"{slug}.yaml"))
        machine.command("instance_provision", slug, "--wait")
    machine.look("write")
    for slug in PARISHES:
        machine.command("backup_run", slug, "--wait")
    deadline = time.monotonic() + COPY_SECONDS
    while machine.look("carry") != len(PARISHES):
        if time.monotonic() > deadline:
            raise DrillFailed("the copies did not get away")
    return str(printed["private"])


def steal(address: str) -> None:
    """Try what a thief could: read a copy, remove or replace it. Raise DrillFailed when anything of it helps."""
    client = make_s3_client(address)
    versions = client.list_object_versions(Bucket=BUCKET)["Versions"]
    for version in versions:
        body = client.get_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])["Body"].read()
        if any(slug.encode() in body or slug in version["Key"] for slug in PARISHES):
            raise DrillFailed(f"{version['Key']} says whose it is")
        try:
            client.delete_object(
                Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"], BypassGovernanceRetention=True
            )
        except ClientError:
            continue
        raise DrillFailed(f"{version['Key']} could be removed")
    say(f"  {len(versions)} objects: none opens, none can be removed")


def lose_everything(machine: Machine) -> None:
    """Stop and delete instances, volumes, the manager's state and its keys."""
    stop_all(machine.state / "local")
    shutil.rmtree(machine.state)


def recover(machine: Machine, address: str, paper: str) -> None:
    """Bring all back with the commands of docs/disaster.md."""
    machine.state.mkdir(mode=0o755)
    place = machine.state / "place.yaml"
    place.touch(mode=0o600)
    access = {"access_key_id": ACCOUNT, "secret_access_key": PASSWORD, "region": "us-east-1"}
    place.write_text(json.dumps({"kind": "s3", "bucket": BUCKET, "endpoint": address, **access}))
    machine.command("manager_restore", str(place), typed=f"{paper}\n")
    foreseen = machine.command("fleet_recover", "--dry-run")
    if sorted(one["instance"] for one in foreseen["lost"]) != sorted(PARISHES):
        raise DrillFailed(f"what is lost was not seen: {foreseen}")
    for one in machine.command("fleet_recover")["instances"]:
        say(f"  {one['instance']}: {one['state']}, from {one['backup']}, lost since {one['lost_since']}")


def run() -> int:
    """Run the drill; return the exit code."""
    place = Path(tempfile.mkdtemp(prefix="cpr-", dir="/tmp"))
    place.chmod(0o755)
    machine = Machine(place / "state")
    machine.state.mkdir(mode=0o755)
    try:
        with s3_server(place) as address:
            make_bucket(address, BUCKET, lock=True)
            say("Build")
            paper = build(machine, address)
            before = machine.look("read")
            machine.command("manager_backup")
            say("A thief")
            steal(address)
            say("Everything is lost")
            lose_everything(machine)
            began = time.monotonic()
            recover(machine, address, paper)
            seconds = time.monotonic() - began
            if machine.look("read") != before:
                raise DrillFailed("what came back is not what was lost")
    except (DrillFailed, subprocess.TimeoutExpired) as error:
        say(f"drill: FAILED\n{error}")
        return 1
    finally:
        stop_all(machine.state / "local")
        shutil.rmtree(place, ignore_errors=True)
    rows = sum(one["rows"] for one in before.values())
    say(f"{len(PARISHES)} parishes, {rows} rows: back from nothing in {seconds:.0f} s, the same to the last bit")
    say("drill: ok")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] != ["run"]:
        raise SystemExit(__doc__)
    sys.exit(run())
