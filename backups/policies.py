"""The door of backup policies: which one an instance has, and how policies are made, changed and chosen."""

import logging
from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backups.models import BackupPolicy, InstancePolicy, PolicyDefault
from backups.policy_models import WHOLE
from domain.errors import CiviparoisseError, InvalidValue, NotFound
from domain.specs import InstanceKind
from tenants.models import Instance

log = logging.getLogger("backups")

FIELDS = tuple(field.name for field in BackupPolicy._meta.concrete_fields if field.name != "id")
# What holds where an installation has no default policy for a kind: that of a parish in production, as shipped.
WITHOUT_ROWS = {"name": "critical", "label": "chaque nuit, 30 jours et 12 mois", "keep_daily": 30, "keep_monthly": 12}


def get_policy(name: str) -> BackupPolicy:
    """Return the policy called `name`. Raise NotFound."""
    policy = BackupPolicy.objects.filter(name=name).first()
    if policy is None:
        raise NotFound(what="policy", name=name)
    return policy


def find_policy(instance: Instance) -> BackupPolicy:
    """Return the policy of the instance: its own, else the default of its kind."""
    return find_policies([instance])[instance.pk]


def find_policies(instances: Collection[Instance]) -> dict[int, BackupPolicy]:
    """Return the policy of each instance by its key, in two queries."""
    return find_policies_of({instance.pk: instance.kind for instance in instances})


def find_policies_of(kinds: Mapping[int, str]) -> dict[int, BackupPolicy]:
    """Return the policy of each instance by its key, in two queries. `kinds`: of the instances, by their keys."""
    chosen = InstancePolicy.objects.filter(instance__in=list(kinds)).exclude(policy=None)
    own = {choice.instance_id: choice.policy for choice in chosen.select_related("policy")}
    defaults = {row.kind: row.policy for row in PolicyDefault.objects.select_related("policy")}
    built_in = BackupPolicy(**WITHOUT_ROWS)
    return {key: own.get(key) or defaults.get(kind) or built_in for key, kind in kinds.items()}


def get_thresholds(policy: BackupPolicy) -> tuple[int, int]:
    """Return from which ages of the last good set, in hours, it is told: as a warning, and as critical."""
    if policy.warning_hours is None or policy.critical_hours is None:
        return settings.BACKUP_WARNING_HOURS, settings.BACKUP_CRITICAL_HOURS
    return policy.warning_hours, policy.critical_hours


def find_thresholds(instances: Collection[Instance]) -> dict[int, tuple[int, int]]:
    """Return `get_thresholds` of each instance's policy by its key, in two queries."""
    return {key: get_thresholds(policy) for key, policy in find_policies(instances).items()}


def create_policy(values: Mapping[str, Any], *, requested_by: str) -> BackupPolicy:
    """Record a policy; what is absent gets its default. Raise InvalidValue or CiviparoisseError `policy_exists`."""
    policy = BackupPolicy()
    _write(policy, values)
    log.info("policy %s recorded by %s", policy.name, requested_by)
    return policy


def update_policy(policy: BackupPolicy, values: Mapping[str, Any], *, requested_by: str) -> BackupPolicy:
    """Change some values of a policy; its name stays. Raise InvalidValue."""
    with transaction.atomic():
        row = BackupPolicy.objects.select_for_update().get(pk=policy.pk)
        if values.get("name", row.name) != row.name:
            raise InvalidValue(field="name", reason=_("The name stays; make another policy instead."), well_formed=True)
        _write(row, values)
    log.info("policy %s changed by %s: %s", row.name, requested_by, ", ".join(sorted(values)))
    return row


def choose_policy(instance: Instance, policy: BackupPolicy | None, *, requested_by: str) -> None:
    """Give the instance a policy of its own, or with None the default of its kind. Raise InvalidValue."""
    if policy is not None and instance.kind == InstanceKind.PRODUCTION:
        _refuse_partial(policy)
    InstancePolicy.objects.update_or_create(instance=instance, defaults={"policy": policy})
    log.info("policy of %s: %s, chosen by %s", instance.identifier, policy or "the default", requested_by)


def _write(policy: BackupPolicy, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in FIELDS:
            raise InvalidValue(field=name, reason=_("This field does not exist."))
        setattr(policy, name, value)
    try:
        policy.save()
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise InvalidValue(field=field, reason=" ".join(texts), well_formed=True) from error
    except IntegrityError as error:
        raise CiviparoisseError("policy_exists", policy=policy.name) from error


def _refuse_partial(policy: BackupPolicy) -> None:
    if policy.scope != "full":
        raise InvalidValue(field="policy", reason=str(WHOLE), well_formed=True)
