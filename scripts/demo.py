"""The main job on real input, end to end. `demo.py run|stop`.

Uses the same commands as a person would, each in a process of its own; only the damage and the proof look inside the
instances. Idempotent: what exists already is used as it is.
"""

import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import django
import mysql.connector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civiparoisse.settings")
# Whoever tries the demo at night shall not meet a backup of the night under way.
os.environ.setdefault("CIVIPAROISSE_NIGHTLY_BACKUPS", "0")
django.setup()

from demo_account import ensure_admin
from demo_campaign import run_backups
from demo_data import Fingerprint, damage, describe_differences, is_damaged, read_fingerprint, write_data
from demo_mail_service import get_page_address, start_catcher, stop_catcher
from demo_request import MAIL, approve, ask_for, ask_undo, ensure_contact, follow
from django.conf import settings

from civiparoisse import services
from civiparoisse.places import STATE_DIR
from domain.errors import CiviparoisseError
from domain.parish_requests import RequestState
from engine.local.servers import stop_all
from finops.prices.sample_prices import NAME as SAMPLE_NAME
from finops.prices.sample_prices import ensure_sample_prices
from finops.tasks import run_ledger, run_usage
from operations.models import Operation
from parish_requests.models import RestoreRequest
from tenants.models import Instance

PARISHES = ("saint-paul", "sainte-marie")
COMMAND_SECONDS = 240
# States in which there is nothing to start again.
UNPROVISIONED = ("new", "failed", "deleted")


class DemoFailed(Exception):
    """A part of the demo did not do what it should; the text says which and what to look at."""


def say(text: str) -> None:
    """Tell the person what is going on."""
    print(text, flush=True)  # noqa: T201 - for a person


def run_quietly(command: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end and keep what it says."""
    return subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)


def run_command(*arguments: str) -> dict[str, Any]:
    """Run a manager's command with --json and return its document. Raise DemoFailed with its error when it failed."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments, "--json"]
    answer = run_quietly(command)
    if answer.returncode != 0 and '"instance_busy"' in answer.stdout:
        # The manager was first, between our look and our request.
        let_work_end(arguments[1])
        answer = run_quietly(command)
    if answer.returncode != 0:
        raise DemoFailed(f"{' '.join(arguments)}:\n{answer.stdout.strip()}\n{answer.stderr.strip()[-2000:]}")
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def let_work_end(slug: str) -> None:
    """Let the manager's own operation on an instance end: it starts again what fell, such as after `demo-stop`. Raise
    DemoFailed when it does not end."""
    deadline = time.monotonic() + COMMAND_SECONDS
    while held := Operation.objects.filter(lock=slug).first():
        if time.monotonic() > deadline:
            raise DemoFailed(f"{slug} is held by {held}, which does not end: operation_cancel {held.public_id}")
        time.sleep(0.2)  # between two looks, not instead of one


def timed(label: str, *arguments: str) -> dict[str, Any]:
    """Run a command and say how long it took."""
    began = time.monotonic()
    document = run_command(*arguments)
    say(f"  {label}: {time.monotonic() - began:.1f} s")
    return document


def ensure_instance(slug: str) -> Instance:
    """Create and provision a parish; start it again when it exists and does not run."""
    if not Instance.objects.filter(identifier=slug).exists():
        run_command("tenant_create", "--file", str(ROOT / "demo" / f"{slug}.yaml"))
    status = read_settled_status(slug)
    if status["state"] in UNPROVISIONED:
        timed(f"{slug} provisioned", "instance_provision", slug, "--wait")
    elif not is_up(status):
        start_again(slug)
    return Instance.objects.get(identifier=slug)


def read_settled_status(slug: str) -> dict[str, Any]:
    """Return an instance's status once nothing is at work on it: between two looks the manager may have begun. Raise
    DemoFailed when it does not come to rest."""
    deadline = time.monotonic() + COMMAND_SECONDS
    while True:
        let_work_end(slug)
        status = run_command("instance_status", slug)
        if status["state"] in (*UNPROVISIONED, "active", "suspended"):
            return status
        if time.monotonic() > deadline:
            raise DemoFailed(f"{slug} does not come to rest: {status['state']}")


def start_again(slug: str) -> None:
    """Start a parish's servers, or wait for the manager that has begun to: its upkeep looks every minute."""
    try:
        timed(f"{slug} started again", "instance_resume", slug, "--wait")
    except DemoFailed as error:
        if '"instance_busy"' not in str(error):
            raise
        deadline = time.monotonic() + COMMAND_SECONDS
        while not is_up(run_command("instance_status", slug)):
            if time.monotonic() > deadline:
                raise
            time.sleep(1)  # between two looks, not instead of one
        say(f"  {slug} started again by the manager's upkeep")


def is_up(status: dict[str, Any]) -> bool:
    """Return whether all servers of an instance really run, given its `instance_status`."""
    components = status["observed"]["components"].values()
    return bool(components) and all(component["phase"] == "ready" for component in components)


def ensure_whole(instance: Instance) -> None:
    """Restore what an interrupted demo left damaged, from its newest good backup."""
    if not is_damaged(instance):
        return
    newest = instance.backups.filter(state="good", reason="requested").order_by("-id").first()
    if newest is None:
        raise DemoFailed(
            f"{instance.identifier} is damaged and has no good backup: run `make clean`, then `make demo`."
        )
    timed("what the last demo left damaged restored", *make_restore_arguments(instance.identifier, newest.backup_id))


def make_restore_arguments(identifier: str, backup_id: str) -> tuple[str, ...]:
    """Return the command that restores a backup in place and follows it."""
    return ("restore_run", identifier, "--backup", backup_id, "--confirm", identifier, "--wait")


def prove(expected: Fingerprint, instance: Instance, what: str) -> None:
    """Compare an instance with what it was. Raise DemoFailed naming each table or file that differs."""
    differences = describe_differences(expected, read_fingerprint(instance))
    if differences:
        raise DemoFailed(f"{what}:\n  " + "\n  ".join(differences[:20]))
    say(f"  {what}: {len(expected.tables)} tables, {expected.rows} rows, {len(expected.files)} files, all the same")


def run_main_job() -> tuple[str, Fingerprint]:
    """Provision two parishes, back one up, damage it, restore it, prove it. Return the backup, and what it holds."""
    say("Provision")
    paul, marie = (ensure_instance(slug) for slug in PARISHES)
    ensure_whole(paul)
    say("Write data")
    write_data(paul, seed=time.time_ns())
    say("Back up saint-paul")
    backup = timed("backup", "backup_run", "saint-paul", "--wait")["result"]
    before, other = read_fingerprint(paul), read_fingerprint(marie)
    say("Damage saint-paul")
    for line in damage(paul):
        say(f"  {line}")
    if not describe_differences(before, read_fingerprint(paul)):
        raise DemoFailed("The damage did nothing: the proof would prove nothing.")
    say("Restore saint-paul")
    timed("restore (with its safety backup)", *make_restore_arguments("saint-paul", backup["backup_id"]))
    say("Prove")
    prove(before, paul, "saint-paul is whole")
    prove(other, marie, "sainte-marie was not touched")
    say("Restore the backup once more, where nobody can reach it, and judge the copy")
    found = timed("proof", "operation_request", "prove", "saint-paul", "--wait")["result"]
    figures = f"{found['tables']} tables, {found['rows']} rows, {found['foreign_keys']} foreign keys"
    say(f"  {found['backup_id']} is proven: {figures}; a real restore takes {found['restore_seconds']} s")
    return backup["backup_id"], before


def run_request(backup_id: str, before: Fingerprint) -> None:
    """Have the parish ask for that backup at its own door, UEPAL approve, and all of it be undone; prove both."""
    paul = Instance.objects.get(identifier=PARISHES[0])
    say("A parish asks at its own door")
    contact = ensure_contact(paul)
    write_data(paul, seed=time.time_ns())
    later = read_fingerprint(paul)
    if not describe_differences(before, later):
        raise DemoFailed("Nothing was entered since the backup: going back to it would prove nothing.")
    request = ask_for(backup_id, contact)
    do_request(request, f"{contact.name} asks to go back")
    prove(before, paul, "saint-paul is as it was saved")
    undo = ask_undo(request, contact)
    do_request(undo, f"{contact.name} asks to undo that")
    prove(later, paul, "saint-paul has again what was entered since")


def do_request(request: RestoreRequest, what: str) -> None:
    """Approve a request and follow it. Raise DemoFailed unless it is done."""
    began = time.monotonic()
    names = approve(request)
    state = follow(request).state
    if state != RequestState.DONE:
        raise DemoFailed(
            f"the request {request.reference} is {state} {request.error_code}: request_show {request.reference}"
        )
    say(f"  {what} ({request.reference}): approved by {', '.join(names)}, done in {time.monotonic() - began:.1f} s")


def run_campaign() -> None:
    """Back both parishes up by one campaign of two waves. Raise DemoFailed unless all of it is done."""
    say("Both parishes by one campaign")
    for slug in PARISHES:
        let_work_end(slug)
    told, fault = run_backups(PARISHES)
    say(f"  {told}")
    if fault:
        raise DemoFailed(fault)


def show_costs() -> None:
    """Say what each parish costs this month, at prices that are an example where nobody has entered any."""
    say("Costs of this month")
    sheet = ensure_sample_prices()
    run_ledger()
    run_usage()
    report = run_command("finops_report")
    for parish in report["parishes"]:
        foreseen = report["forecast"]["parishes"].get(parish["tenant"], "?")
        say(f"  {parish['name']}: {parish['total']} {report['currency']} so far, {foreseen} by its end")
    say(f"  prices: {sheet.name}" + (" (an example, nobody's offer)" if sheet.name == SAMPLE_NAME else ""))


def run() -> int:
    """Run the demo; return the exit code."""
    began = time.monotonic()
    # Requests are made in this very process, whose log is not what a person wants to read here.
    logging.disable(logging.INFO)
    try:
        password_file = ensure_admin()
        address = services.start_all()
        run_request(*run_main_job())
        run_campaign()
        show_costs()
    except (DemoFailed, CiviparoisseError, mysql.connector.Error, SystemExit, subprocess.TimeoutExpired) as error:
        say(f"demo: FAILED after {time.monotonic() - began:.0f} s\n{error}")
        return 1
    say("Open")
    say(f"  the manager: {address}admin/   user admin, password in {password_file}")
    say(f"  costs: {address}admin/finops/   campaigns: {address}admin/campaigns/campaign/")
    say(f"  requests of parishes: {address}admin/parish_requests/restorerequest/   their own door: {address}paroisse/")
    if mails := get_page_address():
        say(f"  every mail of the demo, with its links (none leaves this machine): {mails}")
        say(f"  to come in as the parish: {address}paroisse/ with {MAIL}, then the link in the mail")
    for instance in Instance.objects.filter(identifier__in=PARISHES):
        say(f"  {instance.tenant.name}: {instance.url}")
    say(f"  logs: {STATE_DIR}/services     stop everything: make demo-stop")
    say(f"demo: ok ({time.monotonic() - began:.0f} s)")
    return 0


def stop() -> int:
    """Stop the manager's services and every process of every local instance of this checkout."""
    services.stop_all()
    stop_catcher()
    stop_all(settings.LOCAL_ENGINE_ROOT)
    say("Stopped. Data is kept; `make demo` starts it again, `make clean` removes it.")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["run"], ["stop"]):
        raise SystemExit(__doc__)
    if sys.argv[1] == "run" and "CIVIPAROISSE_MAIL_HOST" not in os.environ:
        # The settings of mail are read at the start, and the catcher's ports are known once it runs.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **start_catcher()})
    sys.exit(run() if sys.argv[1] == "run" else stop())
