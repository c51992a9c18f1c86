"""The door of plans and releases: how they are made, changed and shown. What runs takes them up when next applied."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError, InvalidValue
from domain.specs import CONTAINERS
from domain.states import InstanceState
from tenants.models import Instance, Plan, PlanContainer, Release
from tenants.plan_rules import COUNTS, VOLUMES
from tenants.registry import refuse_incomplete

logger = logging.getLogger(__name__)

PLAN_FIELDS = (*VOLUMES, *COUNTS, "max_connections_per_child")
RELEASE_FIELDS = ("images", "versions")
AMOUNTS = tuple(
    field.name for field in PlanContainer._meta.concrete_fields if field.name not in {"id", "plan", "container"}
)
# States in which nothing of an instance has a volume yet, or any more.
WITHOUT_VOLUMES = (InstanceState.NEW.value, InstanceState.DELETED.value)

Values = Mapping[str, Any]


def create_plan(values: Values, *, like: Plan | None = None, requested_by: str) -> Plan:
    """Record a plan. `values`: name, is_default, sizes by field, and containers: amounts by field, by container.
    `like`: the plan whose sizes it has where `values` says nothing; without one every size must be given.

    Raise InvalidValue, CiviparoisseError `plan_exists` or `plan_incomplete`.
    """
    plan = Plan(**{name: getattr(like, name) for name in PLAN_FIELDS} if like else {})
    with transaction.atomic():
        _write(plan, values, (*PLAN_FIELDS, "name", "is_default"), exists="plan_exists")
        _write_containers(plan, values.get("containers", {}), present=_read_containers(like) if like else {})
        refuse_incomplete(plan)
    _log("plan %s recorded by %s", plan.name, requested_by)
    return plan


def update_plan(plan: Plan, values: Values, *, requested_by: str) -> Plan:
    """Change some sizes of a plan; its name stays. Instances take them up when next applied. Raise InvalidValue,
    CiviparoisseError `plan_volume_shrinks` where an instance has the volume, `default_needed`."""
    with transaction.atomic():
        row = Plan.objects.select_for_update().get(pk=plan.pk)
        _refuse_renaming(row.name, values)
        _refuse_shrinking(row, values)
        _write(row, values, (*PLAN_FIELDS, "name", "is_default"), exists="plan_exists")
        _write_containers(row, values.get("containers", {}), present=_read_containers(row))
        refuse_incomplete(row)
    _log("plan %s changed by %s: %s", row.name, requested_by, ", ".join(sorted(values)) or "nothing")
    return row


def create_release(values: Values, *, like: Release | None = None, requested_by: str) -> Release:
    """Record a release. `values`: name, is_default, images by role, versions by product. `like`: the release whose
    images and versions it has where `values` names none. Raise InvalidValue or CiviparoisseError `release_exists`."""
    release = Release(**{name: dict(getattr(like, name)) for name in RELEASE_FIELDS} if like else {})
    with transaction.atomic():
        _write(release, _merge_texts(release, values), (*RELEASE_FIELDS, "name", "is_default"), exists="release_exists")
    _log("release %s recorded by %s", release.name, requested_by)
    return release


def update_release(release: Release, values: Values, *, requested_by: str) -> Release:
    """Change some images or versions of a release; an empty text takes one out, the name stays. Raise InvalidValue or
    CiviparoisseError `default_needed`."""
    with transaction.atomic():
        row = Release.objects.select_for_update().get(pk=release.pk)
        _refuse_renaming(row.name, values)
        fields = (*RELEASE_FIELDS, "name", "is_default")
        _write(row, _merge_texts(row, values), fields, exists="release_exists")
    _log("release %s changed by %s: %s", row.name, requested_by, ", ".join(sorted(values)) or "nothing")
    return row


def plan_as_dict(plan: Plan) -> dict[str, Any]:
    """Return the plan as every door shows it: sizes in bytes and millicores; `instances`: how many use it."""
    containers = _read_containers(plan)
    return {
        "name": plan.name,
        "is_default": plan.is_default,
        **{name: getattr(plan, name) for name in PLAN_FIELDS},
        "containers": [{"container": name, **containers[name]} for name in sorted(containers)],
        "instances": plan.instance_set.count() if plan.pk else 0,
    }


def release_as_dict(release: Release) -> dict[str, Any]:
    """Return the release as every door shows it; `instances`: how many use it."""
    return {
        "name": release.name,
        "is_default": release.is_default,
        **{name: getattr(release, name) for name in RELEASE_FIELDS},
        "instances": release.instance_set.count() if release.pk else 0,
    }


def _write(row: Plan | Release, values: Values, fields: tuple[str, ...], *, exists: str) -> None:
    for name, value in values.items():
        if name in fields:
            setattr(row, name, value)
        elif name != "containers" or isinstance(row, Release):
            raise InvalidValue(field=name, reason=_("This field does not exist."))
    taken = type(row)._default_manager.filter(name=row.name).exclude(pk=row.pk).exists()
    if taken:
        raise CiviparoisseError(exists, name=row.name)
    _refuse_invalid(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        # Somebody was first, between our look and our write.
        raise CiviparoisseError(exists, name=row.name) from error


def _write_containers(plan: Plan, given: Values, *, present: Mapping[str, Mapping[str, int]]) -> None:
    """Write the amounts of containers: those `given` over those `present`. A wrong name or amount is refused."""
    for name, amounts in given.items():
        if name not in CONTAINERS:
            raise InvalidValue(field=f"containers.{name}", reason=_("There is no such container."))
        if unknown := sorted(set(amounts) - set(AMOUNTS)):
            raise InvalidValue(field=f"containers.{name}.{unknown[0]}", reason=_("This field does not exist."))
    rows = {row.container: row for row in plan.containers.all()}
    for name in [name for name in CONTAINERS if name in given or name in present]:
        row = rows.get(name) or PlanContainer(plan=plan, container=name)
        for field, amount in {**present.get(name, {}), **given.get(name, {})}.items():
            setattr(row, field, amount)
        _refuse_invalid(row, prefix=f"containers.{name}.")
        row.save()


def _read_containers(plan: Plan) -> dict[str, dict[str, int]]:
    return {row.container: {name: getattr(row, name) for name in AMOUNTS} for row in plan.containers.all()}


def _merge_texts(release: Release, values: Values) -> dict[str, Any]:
    """Return `values` with whole images and versions: those given over the present ones, less those that are empty."""
    merged = dict(values)
    for name in RELEASE_FIELDS:
        if isinstance(given := values.get(name), Mapping):
            texts = {**getattr(release, name), **given}
            merged[name] = {key: text for key, text in texts.items() if text != ""}
    return merged


def _refuse_invalid(row: models.Model, *, prefix: str = "") -> None:
    """Raise InvalidValue for the first thing that the model's fields and rules refuse."""
    try:
        row.clean_fields()
        row.validate_constraints()
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        name = prefix.rstrip(".") or "plan" if field == "__all__" else f"{prefix}{field}"
        raise InvalidValue(field=name, reason=" ".join(texts), well_formed=True) from error


def _refuse_renaming(name: str, values: Values) -> None:
    if values.get("name", name) != name:
        raise InvalidValue(field="name", reason=_("The name stays; make another one instead."), well_formed=True)


def _refuse_shrinking(plan: Plan, values: Values) -> None:
    """Raise CiviparoisseError `plan_volume_shrinks` for a smaller volume that an instance has already."""
    smaller = [name for name in VOLUMES if isinstance(values.get(name), int) and values[name] < getattr(plan, name)]
    users = Instance.objects.filter(plan=plan).exclude(state__in=WITHOUT_VOLUMES)
    if smaller and (first := users.order_by("identifier").first()):
        raise CiviparoisseError("plan_volume_shrinks", plan=plan.name, field=smaller[0], instance=first.identifier)


def _log(text: str, *names: str) -> None:
    """Log once it is true: a dry run is undone."""
    transaction.on_commit(lambda: logger.info(text, *names))
