"""Certificates of instances on clusters: seen, kept for the instance's page, renewed before they expire."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from clusters.engines import list_cluster_names
from clusters.kinds.certificates import RENEW
from clusters.models import CertificateExpiry
from clusters.repair import PAUSE, request_resumes
from domain.errors import CiviparoisseError
from domain.fleet import ObservedFleet
from manifests.tls import RENEW_DAYS
from operations.fleets import observe_fleets
from tenants.models import Instance

log = logging.getLogger("clusters")

RENEWAL_REQUESTER = "manager:certificates"
RENEWALS_AT_ONCE = 3
# What servers present; the authority is renewed with them.
SERVER_CERTIFICATES = ("db", "httpd")


def renew_certificates(*, now: datetime) -> list[str]:
    """Ask for a resume of active instances whose server certificates expire within RENEW_DAYS, those that expire first
    before others: it renews the certificates and restarts what reads them. A failed one that a resume must not make
    active (a restore left its data half-way) has its certificates renewed all the same. Return those asked for."""
    asked: list[str] = []
    for name, fleet in observe_fleets(list_cluster_names()).items():
        if fleet is None:
            continue
        try:
            expiries = find_first_expiries(fleet)
            record_expiries(name, expiries, now=now)
            limit = now + timedelta(days=RENEW_DAYS)
            due = sorted((at, identifier) for identifier, at in expiries.items() if at < limit)
            asked += request_resumes(
                name,
                [identifier for _at, identifier in due],
                at_most=RENEWALS_AT_ONCE,
                requested_by=RENEWAL_REQUESTER,
                now=now,
                pause=PAUSE,
                else_kind=RENEW.code,
            )
        except CiviparoisseError as error:
            log.warning("certificates on %s: %s %s", name, error.code, error.params)
    return asked


def find_first_expiries(fleet: ObservedFleet) -> dict[str, datetime]:
    """Return by identifier when the first of its server certificates expires; those without any, and those of
    other managers, are left out. Pure."""
    expiries = {}
    for identifier, seen in fleet.instances.items():
        moments = [seen.expiries[part] for part in SERVER_CERTIFICATES if part in seen.expiries]
        if moments and fleet.is_own(identifier):
            expiries[identifier] = min(moments)
    return expiries


def record_expiries(engine: str, expiries: Mapping[str, datetime], *, now: datetime) -> None:
    """Keep the expiries of the instances recorded on `engine`; what has none any more has no row."""
    rows = Instance.objects.filter(engine=engine, identifier__in=expiries).only("identifier")
    kept = [CertificateExpiry(instance=row, expires_at=expiries[row.identifier], observed_at=now) for row in rows]
    with transaction.atomic():
        CertificateExpiry.objects.filter(instance__engine=engine).delete()
        CertificateExpiry.objects.bulk_create(kept)
