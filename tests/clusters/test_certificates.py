"""Certificates are renewed in time, by ordinary operations, and their expiry is kept for the instance's page."""

from datetime import UTC, datetime, timedelta

import pytest

from clusters.certificates import RENEWAL_REQUESTER, RENEWALS_AT_ONCE, renew_certificates
from clusters.models import CertificateExpiry
from domain.errors import EngineUnavailable
from domain.states import InstanceState, OperationKind
from engine import registry
from operations.models import Operation
from tenants.models import Instance
from tests.clusters.samples import end_all, make_cluster_row, make_instances
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
SLUGS = ("parish-1", "parish-2", "parish-3", "parish-4", "parish-5")


def test_certificates_are_renewed_in_time_the_first_to_expire_first(fake: FakeEngine) -> None:
    make_cluster_row()
    make_instances(fake, *SLUGS)
    day = timedelta(days=1)
    later = {"ca": NOW + 3000 * day, "db": NOW + 300 * day, "httpd": NOW + 300 * day}
    fake.expiries = {
        "parish-1": {**later, "db": NOW + 29 * day},
        "parish-2": {**later, "httpd": NOW - day},
        "parish-3": {**later, "db": NOW + 31 * day},
        "parish-4": {**later, "ca": NOW + day},
        "parish-5": {},
    }
    assert renew_certificates(now=NOW) == ["parish-2", "parish-1"]
    rows = Operation.objects.all()
    assert {(row.kind, row.requested_by) for row in rows} == {(OperationKind.RESUME, RENEWAL_REQUESTER)}
    end_all()
    assert renew_certificates(now=NOW) == [], "never twice a day"
    end_all(when=NOW - timedelta(days=2))
    assert len(renew_certificates(now=NOW)) == 2


def test_renewals_are_a_few_at_a_time(fake: FakeEngine) -> None:
    make_cluster_row()
    make_instances(fake, *SLUGS)
    fake.expiries = {slug: {"db": NOW} for slug in SLUGS}
    assert len(renew_certificates(now=NOW)) == RENEWALS_AT_ONCE
    assert renew_certificates(now=NOW) == []


def test_the_first_expiry_is_kept_and_goes_with_what_had_it(fake: FakeEngine) -> None:
    make_cluster_row()
    make_instances(fake, *SLUGS[:2])
    first, second = NOW + timedelta(days=100), NOW + timedelta(days=200)
    fake.expiries = {"parish-1": {"ca": NOW, "db": second, "httpd": first}, "stranger": {"db": NOW}}
    assert renew_certificates(now=NOW) == []
    assert [(row.instance.identifier, row.expires_at) for row in CertificateExpiry.objects.all()] == [
        ("parish-1", first)
    ]
    fake.expiries = {"parish-1": {"db": second, "httpd": second}}
    renew_certificates(now=NOW)
    assert CertificateExpiry.objects.get().expires_at == second
    fake.expiries = {}
    renew_certificates(now=NOW)
    assert not CertificateExpiry.objects.exists()


def test_one_cluster_that_does_not_answer_stops_no_other(fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    make_cluster_row("albi")
    make_cluster_row()
    make_instances(fake, "parish-1")
    fake.expiries = {"parish-1": {"db": NOW}}

    def resolve(name: str) -> FakeEngine:
        if name == "albi":
            raise EngineUnavailable(instance=name, detail="told to be away")
        return fake

    monkeypatch.setattr(registry, "_resolvers", [(resolve, lambda: ("albi", "strasbourg"))])
    assert renew_certificates(now=NOW) == ["parish-1"]


def test_failed_instances_whose_pods_run_keep_their_certificates_too(fake: FakeEngine) -> None:
    make_cluster_row()
    make_instances(fake, *SLUGS)
    fake.expiries = {slug: {"db": NOW} for slug in SLUGS}
    for slug, kind, code in (
        ("parish-1", OperationKind.RESTORE, "restore_failed"),
        ("parish-2", OperationKind.UPGRADE, "upgrade_rollback_failed"),
        ("parish-3", OperationKind.RESUME, "deadline_exceeded"),
        ("parish-4", OperationKind.RESTORE, "instance_lost"),
    ):
        row = Instance.objects.get(identifier=slug)
        row.state, row.error_code, row.url = InstanceState.FAILED.value, code, f"https://{slug}.example.org/"
        row.save()
        Operation.objects.create(kind=kind, instance=row, subject=slug, state="failed", ended_at=NOW)
    assert renew_certificates(now=NOW) == ["parish-1", "parish-2", "parish-3"]
    asked = Operation.objects.filter(requested_by=RENEWAL_REQUESTER)
    assert {row.subject: row.kind for row in asked} == {
        "parish-1": "renew",
        "parish-2": "renew",
        "parish-3": OperationKind.RESUME,
    }
    assert renew_certificates(now=NOW) == [], "three at once, whatever their kind"
    asked.update(state="succeeded", lock=None, ended_at=NOW)
    assert renew_certificates(now=NOW) == ["parish-5"], "never twice a day, and never what is lost"
