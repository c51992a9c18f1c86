"""What a step may answer, and what it is given. A step that raises CiviparoisseError failed: retryable ones are tried
again after a growing delay until `max_attempts`, others fail the step for good."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.errors import NotFound
from domain.specs import Component, InstanceSpec
from engine.base import Engine
from operations.engine_objects import EngineObject, Subject
from operations.models import Operation, OperationStep
from tenants.models import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The step is finished. `result`: JSON kept on the step and, for the last one, shown as the operation's."""

    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Not yet: run the same step again in `seconds`, None for as soon as the engine is worth asking again; costs no
    attempt and holds no worker. `progress`: 0-100 of the step, None when unknown. The step's deadline (StepDefinition)
    bounds all its waits together.

    `reached`: how far servers are, growing as they get on: each growth begins the deadline anew. `is_preparing`: what
    goes on takes its time (an image is pulled, a volume attached). `is_hopeless`: waiting will not help."""

    seconds: float | None = None
    message: str = ""
    progress: int | None = None
    reached: int = 0
    is_preparing: bool = False
    is_hopeless: bool = False


Outcome = Done | Wait


@dataclass(slots=True, kw_only=True)
class StepContext:
    """What a step works with. `data` (of the operation) and `step_data` (of the step, kept over its waits and
    retries) are saved with the outcome, and by `save()` before an effect that must be remembered."""

    operation: Operation
    step: OperationStep
    subject: Subject
    engine: Engine
    now: datetime
    save: Callable[[], None]
    log: Callable[[str], None]
    make_spec: Callable[[frozenset[Component]], InstanceSpec]

    @property
    def instance(self) -> Instance:
        """The instance that the operation is about. Raise NotFound for what has no row."""
        if not isinstance(self.subject, Instance):
            raise NotFound(what="instance", name=self.subject.identifier)
        return self.subject

    @property
    def thing(self) -> EngineObject:
        """What the operation is about, for kinds of objects. Raise NotFound for an instance."""
        if not isinstance(self.subject, EngineObject):
            raise NotFound(what="instance", name=self.subject.identifier)
        return self.subject

    @property
    def parameters(self) -> dict[str, Any]:
        """The operation's parameters, as validated when it was requested."""
        parameters: dict[str, Any] = self.operation.parameters
        return parameters

    @property
    def data(self) -> dict[str, Any]:
        """What steps pass on to later ones. JSON, no secrets."""
        data: dict[str, Any] = self.operation.data
        return data

    @property
    def step_data(self) -> dict[str, Any]:
        """What this step remembers between its runs. JSON, no secrets."""
        data: dict[str, Any] = self.step.data
        return data


StepFunction = Callable[[StepContext], Outcome]
