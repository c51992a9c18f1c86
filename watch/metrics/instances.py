"""Metrics of each instance: when it was last saved, protected and proven, how full it is, its certificates."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from backups.ages import make_last_good
from backups.proof_ages import make_last_proof
from domain.states import InstanceState
from offsite.protection import annotate_protection
from tenants.models import Instance

LABELS = ("tenant", "instance", "kind")
COLUMNS = ("pk", "tenant__slug", "identifier", "kind", "state", "cron_last_ok")
EXPIRY = "certificate_expiry__expires_at"
MORE = ("room__percents", "room__free_bytes", EXPIRY)
DATED = ("wanted", "protected_at", "good_at", "proven_at")


def list_instance_metrics(*, now: datetime) -> Iterator[Metric]:
    """Give the metrics of every instance that is not deleted, by what lists and checks call saved, protected and
    proven; the number of queries does not grow."""
    dated = annotate_protection(Instance.objects.exclude(state=InstanceState.DELETED.value), now=now)
    dated = dated.annotate(good_at=make_last_good("pk"), proven_at=make_last_proof("pk"))
    rows = list(dated.order_by("pk").values(*COLUMNS, *MORE, *DATED))
    yield _make_states(rows)
    yield _make_times("backup_last_good", "Start of the last good whole backup.", rows, "good_at")
    wanted = [row for row in rows if row["wanted"]]
    text = "Start of the last backup of which as many checked copies are elsewhere as its policy wants."
    yield _make_times("backup_last_protected", text, wanted, "protected_at")
    yield _make_times("backup_last_proven", "End of the last proof by restoring that succeeded.", rows, "proven_at")
    yield _make_times("certificate_expiry", "End of the certificates of the instance.", rows, EXPIRY)
    yield from _make_volumes(rows)
    cron = GaugeMetricFamily("civiparoisse_cron_last_success", "Whether the last cron run succeeded.", labels=LABELS)
    for row in rows:
        if row["cron_last_ok"] is not None:
            cron.add_metric(_get_labels(row), float(row["cron_last_ok"]))
    yield cron


def _get_labels(row: Mapping[str, Any]) -> list[str]:
    return [row["tenant__slug"], row["identifier"], row["kind"]]


def _make_states(rows: Iterable[Mapping[str, Any]]) -> Metric:
    family = GaugeMetricFamily("civiparoisse_instance_state", "1 for the state it is in.", labels=(*LABELS, "state"))
    for row in rows:
        family.add_metric([*_get_labels(row), row["state"]], 1.0)
    return family


def _make_times(name: str, text: str, rows: Iterable[Mapping[str, Any]], column: str) -> Metric:
    """Return a family of timestamps. What never was has none; that it is missing is a problem of its own."""
    family = GaugeMetricFamily(f"civiparoisse_{name}_timestamp_seconds", text, labels=LABELS)
    for row in rows:
        at = row[column]
        if at is not None:
            family.add_metric(_get_labels(row), at.timestamp())
    return family


def _make_volumes(rows: Iterable[Mapping[str, Any]]) -> Iterator[Metric]:
    labels = (*LABELS, "volume")
    used = GaugeMetricFamily("civiparoisse_volume_used_ratio", "How full a volume was when looked at.", labels=labels)
    free = GaugeMetricFamily("civiparoisse_volume_free_bytes", "What was free on it then.", labels=labels)
    for row in rows:
        for volume, percent in (row["room__percents"] or {}).items():
            used.add_metric([*_get_labels(row), volume], percent / 100)
        for volume, count in (row["room__free_bytes"] or {}).items():
            free.add_metric([*_get_labels(row), volume], float(count))
    yield from (used, free)
