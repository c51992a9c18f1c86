"""Metrics of each instance: when it was last saved, protected and proven, how full it is, its certificates."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max
from prometheus_client.core import GaugeMetricFamily, Metric

from backups.models import Backup, BackupReason, BackupScope, BackupState, ProofOutcome, ProofReport
from domain.states import InstanceState
from offsite.models import PROTECTING, BackupCopy
from tenants.models import Instance

LABELS = ("tenant", "instance", "kind")
COLUMNS = ("pk", "tenant__slug", "identifier", "kind", "state", "cron_last_ok", "engine")
MORE = ("room__percents", "room__free_bytes", "certificate_expiry__expires_at")


def list_instance_metrics() -> Iterator[Metric]:
    """Give the metrics of every instance that is not deleted, in four queries."""
    rows = list(Instance.objects.exclude(state=InstanceState.DELETED.value).order_by("pk").values(*COLUMNS, *MORE))
    yield _make_states(rows)
    for name, text, times in (
        ("backup_last_good", "Start of the last good whole backup.", _find_last_good()),
        ("backup_last_protected", "Start of the last backup of which a checked copy is elsewhere.", _find_protected()),
        ("backup_last_proven", "End of the last proof by restoring that succeeded.", _find_proven()),
    ):
        yield _make_times(name, text, rows, times)
    yield _make_times(
        "certificate_expiry",
        "End of the certificates of the instance.",
        rows,
        {row["pk"]: row["certificate_expiry__expires_at"] for row in rows},
    )
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


def _make_times(
    name: str, text: str, rows: Iterable[Mapping[str, Any]], times: Mapping[int, datetime | None]
) -> Metric:
    """Return a family of timestamps. What never was has none; that it is missing is a problem of its own."""
    family = GaugeMetricFamily(f"civiparoisse_{name}_timestamp_seconds", text, labels=LABELS)
    for row in rows:
        at = times.get(row["pk"])
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


def _find_last_good() -> dict[int, datetime]:
    rows = Backup.objects.filter(state=BackupState.GOOD, scope=BackupScope.FULL).exclude(reason=BackupReason.SAFETY)
    return dict(rows.order_by().values_list("instance").annotate(Max("started_at")))


def _find_protected() -> dict[int, datetime]:
    rows = BackupCopy.objects.filter(state__in=PROTECTING)
    return dict(rows.order_by().values_list("backup__instance").annotate(Max("backup__started_at")))


def _find_proven() -> dict[int, datetime]:
    rows = ProofReport.objects.filter(outcome=ProofOutcome.PROVEN)
    return dict(rows.order_by().values_list("backup__instance").annotate(Max("ended_at")))
