"""What a step may answer, and what it is given. A step that raises CiviparoisseError failed: retryable ones are tried
again after a growing delay until `max_attempts`, others fail the step for good."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.specs import Component, InstanceSpec
from domain.states import StepPhase
from engine.base import Engine
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
    bounds all its waits together."""

    seconds: float | None = None
    message: str = ""
    progress: int | None = None


Outcome = Done | Wait


@dataclass(slots=True, kw_only=True)
class StepContext:
    """What a step works with. `data` (of the operation) and `step_data` (of the step, kept over its waits and
    retries) are saved with the outcome, and by `save()` before an effect that must be remembered."""

    operation: Operation
    step: OperationStep
    instance: Instance
    engine: Engine
    now: datetime
    save: Callable[[], None]
    log: Callable[[str], None]
    make_spec: Callable[[frozenset[Component]], InstanceSpec]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDefinition:
    """One step of a kind.

    `function`: "module:name", imported on first use. `label`: for people. `weight`: its share of the progress.
    `deadline_setting`: name of the setting that bounds its waits, in seconds. `touches_data`: from its start on, a
    failure or a cancel runs the rollback steps. `when`: name of an operation `data`/`parameters` flag; the step is
    skipped unless that flag is true at its turn, None for always.
    """

    name: str
    function: str
    label: Any
    weight: int = 1
    phase: StepPhase = StepPhase.MAIN
    max_attempts: int = 5
    deadline_setting: str = "READY_TIMEOUT_SECONDS"
    touches_data: bool = False
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindDefinition:
    """The steps of one kind of operation, in order, and how its parameters are validated.

    `validate`: "module:name" of a function (instance, parameters) -> parameters with defaults filled in, raising
    InvalidValue / CiviparoisseError; called before anything is written. `describe`: "module:name" of a function
    (instance, parameters) -> list of sentences for --dry-run and confirmations. `foresee`: "module:name" of a function
    (instance, validated parameters) that may ask the engine, and raises CiviparoisseError for what could not succeed;
    called outside of any transaction. None when there is nothing to foresee. `holds_backups`: the nightly backup that
    an engine starts by itself stays off from its first step that applies something until it is let go again.
    `permissions`: what a person needs to ask for it ("app.codename"), whatever the door.
    `unconfirmed`: for kinds that destroy data, the code of the refusal where the instance's identifier was not typed as
    `confirm`; "" for kinds that destroy nothing.
    """

    steps: tuple[StepDefinition, ...]
    validate: str
    describe: str
    foresee: str | None = None
    holds_backups: bool = False
    unconfirmed: str = ""
    permissions: tuple[str, ...] = ("tenants.view_instance", "operations.add_operation")
