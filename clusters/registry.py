"""The only door for clusters as rows. What runs on them is changed by operations, never here."""

import logging
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clusters.models import Cluster
from clusters.parameters import PARAMETERS, validate_cluster
from domain.errors import CiviparoisseError, InvalidValue, NotFound
from engine.registry import list_registered

logger = logging.getLogger(__name__)


def get_cluster(name: str) -> Cluster:
    """Return the cluster called `name`. Raise NotFound."""
    cluster = Cluster.objects.filter(name=name).first()
    if cluster is None:
        raise NotFound(what="cluster", name=name)
    return cluster


def create_cluster(data: Mapping[str, object], *, requested_by: str) -> Cluster:
    """Record a cluster from its parameters by name (clusters/parameters.py). Nothing is asked of it.

    `requested_by`: who asked, for the log. Raise CiviparoisseError `invalid_cluster` (all faults at once) or
    `cluster_exists`.
    """
    recorded = validate_cluster(data, taken=list_registered())
    taken = CiviparoisseError("cluster_exists", cluster=recorded["name"])
    try:
        with transaction.atomic():
            if Cluster.objects.filter(name=recorded["name"]).exists():
                raise taken
            cluster = Cluster.objects.create(**recorded)
    except IntegrityError as error:
        # Somebody was first, between our look and our write.
        raise taken from error
    _log("cluster %s recorded by %s", cluster.name, requested_by)
    return cluster


def update_cluster(cluster: Cluster, data: Mapping[str, object], *, requested_by: str) -> Cluster:
    """Record new values of some parameters; those absent from `data` keep theirs, an empty one gets its default.

    The name never changes: instances are recorded on it. Raise CiviparoisseError `invalid_cluster`.
    """
    with transaction.atomic():
        row = Cluster.objects.select_for_update().get(pk=cluster.pk)
        if data.get("name", row.name) != row.name:
            raise InvalidValue(field="name", reason=_("cannot change: instances are recorded under it."))
        present = row.read_parameters()
        recorded = validate_cluster({**present, **data})
        changed = [name for name in PARAMETERS if recorded[name] != present[name]]
        for name in changed:
            setattr(row, name, recorded[name])
        if changed:
            row.save(update_fields=changed)
    _log("cluster %s changed by %s: %s", row.name, requested_by, ", ".join(changed) or "nothing")
    return row


def delete_cluster(cluster: Cluster, *, requested_by: str) -> None:
    """Forget the cluster; nothing on it is touched. Raise CiviparoisseError `cluster_in_use` while an instance is
    recorded on it."""
    cluster.delete()
    _log("cluster %s deleted by %s", cluster.name, requested_by)


def _log(text: str, *names: str) -> None:
    """Log once it is true: a dry run is undone."""
    transaction.on_commit(lambda: logger.info(text, *names))
