"""Take the pictures of costs of a year that never was: `make screenshot` of costs, without waiting for twelve months.

In a state directory of its own, removed afterwards: parishes whose ledger, use and closed months are written by the
functions that always write them, at invented sizes and the sample prices; served by this process, seen by a Chromium.
"""

import os
import random
import sys
import tempfile
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]
PLACE = tempfile.TemporaryDirectory(prefix="cp-year-")
os.environ["CIVIPAROISSE_STATE_DIR"] = PLACE.name
os.environ["CIVIPAROISSE_SECRET_KEY"] = "only-for-pictures"
os.environ.setdefault("CIVIPAROISSE_LOG_LEVEL", "ERROR")
os.environ["DJANGO_SETTINGS_MODULE"] = "civiparoisse.settings"

from cryptography.fernet import Fernet

os.environ["CIVIPAROISSE_FIELD_KEYS"] = f"k1:{Fernet.generate_key().decode()}"

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from screenshot import take_pictures

from domain.fleet import ObservedFleet, ObservedNode, ObservedPod, UsageSample
from domain.reservations import Reservation
from domain.states import InstanceState, OperationKind, OperationState
from engine.registry import register_engine
from finops.advice.recommendations import ensure_plan, get_recommendation
from finops.calendar import Month, compute_day_start, compute_month
from finops.ledger.changes import record_change
from finops.ledger.reservation import get_footprint
from finops.ledger.runs import Addition, add_to_tallies
from finops.models import Budget, PriceSheet
from finops.months.closing import close_month
from finops.prices.sample_prices import ensure_sample_prices
from finops.usage.measured import close_days, store_samples
from operations.models import Operation
from tenants.models import Instance, Tenant
from tenants.registry import create_instance

ENGINE = "cluster"
GIBIBYTE = 2**30
# Name, how many months ago it began.
PARISHES = (
    ("Saint-Paul", 12),
    ("Sainte-Marie", 12),
    ("Saint-Jean", 11),
    ("Le Temple Neuf", 9),
    ("La Robertsau", 8),
    ("Le Bouclier", 5),
    ("Cronenbourg", 2),
)
CHANCE = random.Random(2026)


class SampleEngine:
    """A place with four nodes, where every running instance of the database runs."""

    name = ENGINE
    runs_schedules = True

    def observe_fleet(self) -> ObservedFleet:
        """Return the nodes, and the servers of the instances that should run, spread over them."""
        pods = []
        rows = Instance.objects.filter(state=InstanceState.ACTIVE.value).select_related("plan", "release")
        for number, row in enumerate(rows.order_by("pk")):
            for component, reserved in get_footprint(row).servers.items():
                pods.append(
                    ObservedPod(
                        name=f"{row.identifier}-{component}",
                        node=f"node-{number % 4 + 1}",
                        instance=row.identifier,
                        component=component,
                        reserved=reserved,
                    )
                )
        size = Reservation(3900, 15 * GIBIBYTE)
        nodes = tuple(ObservedNode(name=f"node-{number}", allocatable=size, most_pods=110) for number in range(1, 5))
        return ObservedFleet(at=timezone.now(), nodes=nodes, pods=tuple(pods))


def make_parish(name: str, since: datetime) -> Instance:
    """Return a parish's instance as it would be if it had been provisioned then."""
    slug = name.lower().replace(" ", "-")
    tenant = Tenant.objects.create(
        slug=slug,
        name=f"Paroisse {name}",
        street="rue de l’Église",
        postcode="67000",
        city="Strasbourg",
        drupal_site_mail=f"site@{slug}.example.org",
        civicrm_domain_mail=f"contact@{slug}.example.org",
        civicrm_domain=f"{slug}.example.org",
        admin_mail=f"admin@{slug}.example.org",
        admin_name="Jeanne Martin",
    )
    instance = create_instance(tenant)
    Instance.objects.filter(pk=instance.pk).update(
        engine=ENGINE, state=InstanceState.ACTIVE.value, created_at=since, url=f"https://www.{slug}.example.org/"
    )
    note(instance, OperationKind.PROVISION, since)
    return instance


def note(instance: Instance, kind: str, at: datetime) -> None:
    """Write the operation that would have done it, and what the ledger holds from then on."""
    operation = Operation.objects.create(
        kind=kind,
        instance=instance,
        subject=instance.identifier,
        requested_by="jeanne",
        state=OperationState.SUCCEEDED.value,
        ended_at=at,
    )
    instance.refresh_from_db()
    record_change(instance, operation=operation, now=at)


def write_runs(first: Month, now: datetime) -> None:
    """Write every day's crons, and their nightly backup, of every instance that was there."""
    rows = list(Instance.objects.select_related("tenant", "plan", "release"))
    day = first.first_day
    while day < now.astimezone(UTC).date():
        start = compute_day_start(day)
        added = []
        for row in rows:
            if row.created_at.timestamp() <= start:
                footprint = get_footprint(row)
                for program, runs, seconds in (("cron", 144, CHANCE.randrange(20, 60)), ("backup", 1, 400)):
                    held = footprint.find_run(program)
                    assert held is not None
                    together = runs * seconds
                    added.append(
                        Addition(row, program, held, start=start, end=start + 60, runs=runs, held_seconds=together)
                    )
        add_to_tallies(added)
        day += timedelta(days=1)


def write_use(today: date) -> None:
    """Write a fortnight of samples: parishes use little, each in its own way; one uses all it has."""
    for row in Instance.objects.filter(state=InstanceState.ACTIVE.value):
        busy = row.identifier == "saint-paul"
        sizes = {"db": (30, 290), "httpd": (90, 480), "cron": (60, 110), "db_router": (4, 24)}
        if busy:
            sizes["httpd"] = (720, 930)
        samples = []
        for back in range(14):
            start = compute_day_start(today - timedelta(days=back))
            for name, (millicores, mebibytes) in sizes.items():
                factor = CHANCE.uniform(0.85, 1.0)
                for number in range(48):
                    at = datetime.fromtimestamp(start + number * 1700, tz=UTC)
                    samples.append(
                        UsageSample(
                            instance=row.identifier,
                            container=name,
                            at=at,
                            cpu_millicores=int(millicores * CHANCE.uniform(0.4, 1.0) * factor),
                            memory_bytes=int(mebibytes * 2**20 * CHANCE.uniform(0.8, 1.0) * factor),
                        )
                    )
        store_samples(samples)
    close_days(now=timezone.now())


def fill(now: datetime) -> None:
    """Write the year."""
    present = compute_month(now)
    sheet = ensure_sample_prices()
    autumn = present.add(-3)
    PriceSheet.objects.filter(pk=sheet.pk).update(valid_to=autumn.first_day)
    lines = list(sheet.lines.all())
    later = PriceSheet.objects.create(name=f"{sheet.name} {autumn.year}", valid_from=autumn.first_day)
    for line in lines:
        line.pk, line.sheet, line.amount = None, later, line.amount * Decimal("1.06")
        line.save()
    instances = {}
    for name, months in PARISHES:
        start = present.add(-months + 1).start + CHANCE.randrange(20) * 86_400 + 9 * 3600
        instances[name] = make_parish(name, min(datetime.fromtimestamp(start, tz=UTC), now - timedelta(days=3)))
    write_runs(present.add(-11), now)
    stopped = instances["Saint-Jean"]
    Instance.objects.filter(pk=stopped.pk).update(state=InstanceState.SUSPENDED.value)
    note(stopped, OperationKind.SUSPEND, datetime.fromtimestamp(present.add(-4).start + 12 * 86_400, tz=UTC))
    write_use(compute_month(now).first_day if now.day == 1 else now.date())
    smaller = instances["Le Temple Neuf"]
    plan = ensure_plan(get_recommendation(smaller.identifier, now=now))
    Instance.objects.filter(pk=smaller.pk).update(plan=plan)
    note(smaller, OperationKind.RESIZE, datetime.fromtimestamp(present.add(-1).start + 5 * 86_400, tz=UTC))
    for back in range(12, 0, -1):
        close_month(present.add(-back), by="jeanne", now=now)
    Budget.objects.create(tenant="", amount=Decimal(420))
    Budget.objects.create(tenant="saint-paul", amount=Decimal(60))
    Budget.objects.create(tenant="la-robertsau", amount=Decimal(45))


class QuietHandler(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def main(place: Path) -> None:
    """Fill, serve, take the pictures into `place`."""
    register_engine(ENGINE, SampleEngine)  # type: ignore[arg-type]
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    get_user_model().objects.create_superuser("jeanne", "jeanne@example.org")
    fill(timezone.now())
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    pages = {
        "admin-finops-year": "admin/finops/",
        "admin-finops-savings": "admin/finops/savings/",
    }
    take_pictures(f"http://127.0.0.1:{server.server_port}/", pages, place)
    server.shutdown()
    thread.join(timeout=10)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs" / "images")
    finally:
        PLACE.cleanup()
