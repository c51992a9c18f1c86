"""A manager with as many parishes as one likes, on a paper engine, and all that is measured of it: pages and tasks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client

from api.tokens import create_token
from backups.models import BackupPolicy, PolicyDefault
from campaigns.models import ReleaseStanding
from clusters.inspection import keep_report
from clusters.models import ReportKind
from domain.findings import Level
from domain.specs import InstanceKind
from engine.registry import register_engine
from finops.calendar import compute_month
from finops.models import Budget, BudgetAlert, ClosedMonth
from finops.prices.sample_prices import ensure_sample_prices
from offsite.models import Destination
from parish_requests.models import RequestRules
from tenants.models import Activity, Instance, Plan, Release
from tests.clusters.samples import make_cluster_row, make_kubeconfig
from tests.every_address import list_addresses
from tests.many_parishes import CYCLE, write_parishes
from tests.many_rows import Past
from tests.paper_engine import NAME, PaperEngine
from tests.rows import make_plan_row, make_release_row
from watch.models import Look, Problem, Sighting
from watch.notice_models import Message, MessageKind, Recipient


class Place:
    """The manager, empty but for what it has one of. `engine`: where all parishes run."""

    def __init__(self, *, now: datetime, past: Past | None = None) -> None:
        self.now = now
        self.past = past or Past()
        self.count = 0
        self.engine = PaperEngine()
        register_engine(NAME, lambda: self.engine)
        self.plan: Plan = make_plan_row()
        self.release: Release = make_release_row()
        _write_surroundings(now)
        ReleaseStanding.objects.create(release=self.release)
        staff = User.objects.create_superuser("jeanne", "jeanne@example.org", "x")
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(staff)
        self.headers = {"Authorization": f"Bearer {create_token('jeanne', 'scale', scopes=['admin'])[1]}"}

    def fill(self, count: int) -> None:
        """Have that many parishes, a multiple of CYCLE."""
        assert count % CYCLE == 0
        more = count - self.count
        write_parishes(
            self.engine, self.count, more, now=self.now, past=self.past, plan=self.plan, release=self.release
        )
        self.count = count

    def list_addresses(self) -> list[tuple[str, str]]:
        """Return (name, address) of every page of the administration and of the API."""
        return list_addresses(self.now)

    def get(self, address: str) -> Any:
        """Return the answer, to a person in the administration or to a program."""
        return self.client.get(address, headers=self.headers if address.startswith("/api/") else {})

    def make_due(self) -> None:
        """Have everything looked for again that the clock looks for now and then; a tenth of the crons is due."""
        long_ago = self.now - timedelta(days=40)
        Look.objects.update(looked_at=None)
        Destination.objects.update(checked_at=long_ago)
        Activity.objects.update(visits_looked_at=long_ago)
        # One in ten, as in each minute of ten.
        due = Instance.objects.filter(identifier__endswith="0")
        due.update(cron_next_run_at=self.now - timedelta(seconds=1))


def list_tasks() -> dict[str, Callable[[], Any]]:
    """Return what the clock asks for, by the task's name."""
    current_app.loader.import_default_modules()
    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    return {name: current_app.tasks[name].run for name in sorted(names)}


def _write_surroundings(now: datetime) -> None:
    """Write a row of everything that a manager has few of."""
    ensure_sample_prices()
    # Nobody answers there, and nobody is waited for.
    cluster = make_cluster_row(kubeconfig=make_kubeconfig(server="https://127.0.0.1:9"))
    keep_report(cluster, ReportKind.CHECK, level=Level.OK, at=now, document={"findings": []})
    Group.objects.create(name="comptables")
    policy = BackupPolicy.objects.order_by("pk").first()
    PolicyDefault.objects.get_or_create(kind=InstanceKind.PRODUCTION.value, defaults={"policy": policy})
    RequestRules.objects.create()
    budget = Budget.objects.create(tenant="", amount=10**6)
    month = str(compute_month(now))
    BudgetAlert.objects.create(
        budget=budget, month=month, threshold=100, basis="actual", cost=6, limit=5, raised_at=now
    )
    ClosedMonth.objects.create(
        month="2020-01", hours=744, bill=12, currency="EUR", vat_included=True, closed_by="jeanne", closed_at=now
    )
    person = Recipient.objects.create(name="Jeanne", address="jeanne@example.org")
    Message.objects.create(
        recipient=person, kind=MessageKind.values[0], subject="x", body="x", created_at=now, due_at=now, sent_at=now
    )
    Problem.objects.create(check_code="failed", subject="x", level="critical", since=now, ended_at=now)
    Sighting.objects.create(engine=NAME, at=now, document={"more": 0, "binding": "memory"})
