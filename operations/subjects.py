"""Finds what an operation is about, and what it holds against others meanwhile."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from domain.fleet import RemovableKind
from domain.names import compute_identifier
from operations.declarations import KindDefinition
from operations.declared_parameters import Parameter, ParameterType
from operations.engine_objects import EngineObject, Subject
from operations.models import Operation
from operations.selectors import get_instance

ENGINE, VOLUME = "engine", "volume"
# What a kind of objects takes, beside its own parameters, to find its subject by.
OBJECT_PARAMETERS = (
    Parameter(
        name=ENGINE, default="local", length=40, summary=gettext_noop("The engine that holds it (default: local).")
    ),
    Parameter(
        name=VOLUME,
        type=ParameterType.FLAG,
        default=False,
        summary=gettext_noop("It is a volume that no claim holds (not by default: all that stands under the name)."),
    ),
)


def find_subject(kind: KindDefinition, name: str, parameters: Mapping[str, Any]) -> Subject:
    """Return what an operation of `kind` on `name` would be about. Raise NotFound for an unknown instance."""
    if not kind.of_objects:
        return get_instance(name)
    thing = RemovableKind.VOLUME if parameters.get(VOLUME) else RemovableKind.INSTANCE
    return EngineObject(engine=str(parameters.get(ENGINE) or "local"), thing=thing, name=name)


def get_subject(operation: Operation, kind: KindDefinition) -> Subject | None:
    """Return what the operation is about; None when its instance's row is gone."""
    return find_subject(kind, operation.subject, operation.parameters) if kind.of_objects else operation.instance


def make_lock(kind: KindDefinition, subject: Subject) -> str:
    """Return what an operation of `kind` on `subject` holds against others while it has not ended."""
    if isinstance(subject, EngineObject):
        return subject.lock
    if kind.works_in is not None:
        return compute_identifier(subject.identifier, kind.works_in)
    return f"{kind.code} {subject.identifier}" if kind.reads_only else subject.identifier
