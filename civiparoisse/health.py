"""Answers for probes, without authentication: the process lives; it can serve."""

import logging

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from operations.watch import list_manager_faults

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def show_live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """Answer 200 as long as the process answers at all; touches nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def show_ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """Answer 200 when the manager works as a whole, else 503 with the code of what does not: the database and its
    migrations, room on its disks, its broker, its clock, its workers. The codes: domain/manager_texts.py."""
    reason = find_unreadiness()
    if reason:
        return JsonResponse({"status": "unavailable", "reason": reason}, status=503)
    return JsonResponse({"status": "ok"})


def find_unreadiness() -> str:
    """Return the code of the worst that is wrong, or "" when ready. Details go to the log only."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        logger.exception("not ready: the database does not answer")
        return "database_unreachable"
    if missing:
        logger.error("not ready: %d migrations are missing", len(missing))
        return "migrations_missing"
    critical = [fault for fault in list_manager_faults(now=timezone.now()) if fault.is_critical]
    for fault in critical:
        logger.error("not ready: %s %s", fault.code, fault.params)
    return critical[0].code if critical else ""
