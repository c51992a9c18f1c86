"""What a kind of operation is: declared once, as values and functions, in the app that owns it, and registered there.

Everything that others need to know of a kind is a named field here; whoever wants a set of kinds derives it from fields
(operations.registry), and never names those that are left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.error_texts import ErrorText
from domain.specs import Component, InstanceKind
from domain.states import InstanceState, KindRule, StepPhase
from operations.declared_parameters import CONFIRM, Parameter, check_parameters
from operations.outcomes import StepFunction

Parameters = dict[str, Any]
# (subject, parameters as declared) -> parameters as they are kept. Raises InvalidValue or another CiviparoisseError.
# The subject of most kinds is an Instance (operations.subjects).
Validate = Callable[[Any, Parameters], Parameters]
# (subject, validated parameters) -> what it does, in sentences.
Describe = Callable[[Any, Parameters], list[str]]
# (subject, validated parameters): raises CiviparoisseError for what could not succeed.
Precheck = Callable[[Any, Parameters], None]


class ServersAfter(StrEnum):
    """What a kind that succeeded did to what an instance's servers hold."""

    STARTED = "started"
    STOPPED = "stopped"
    RESIZED = "resized"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParishWords:
    """What a parish reads of a kind, in words of people; None: it is not told. `done`, `failed`: afterwards;
    `meanwhile`: while it is done for a request of the parish."""

    done: Any = None
    failed: Any = None
    meanwhile: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDefinition:
    """One step of a kind.

    `label`: for people. `weight`: its share of the progress. `deadline_setting`: name of the setting that bounds its
    waits, in seconds. `touches_data`: from its start on, a failure or a cancel runs the rollback steps. `when`: name of
    an operation `data`/`parameters` flag; the step is skipped unless that flag is true at its turn, None for always.
    `starts`: the server that holds what it needs from the beginning of this step on. `stops_servers`: once it is done,
    the instance's servers hold nothing. `makes_instance`: once it is done, something of the instance is where it runs.
    `waits_for_people`: it may pause for days, so that people can change their minds.
    """

    name: str
    function: StepFunction
    label: Any
    weight: int = 1
    phase: StepPhase = StepPhase.MAIN
    max_attempts: int = 5
    deadline_setting: str = "READY_TIMEOUT_SECONDS"
    touches_data: bool = False
    when: str | None = None
    starts: Component | None = None
    stops_servers: bool = False
    makes_instance: bool = False
    waits_for_people: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KindDefinition:
    """One kind of operation.

    For people: `label` (as in "asked: back up"), `page_label` and `button_label` (the button that leads to its page,
    and the one that begins it), `icon`, `position` among the others. `summary`: what it does, in English, for the API's
    schema and the command's help. `path`: its address below an instance's; `command`: the management command that asks
    for it, "" where only `operation_request` does.

    `describe`: what it will do; its name and its choices where that is all there is to say.
    `rule`: in which states it may be asked, and which ones it leads to. `parameters`: what it takes; `validate`:
    whether they make sense for this instance, before anything is written. `precheck` may ask the engine, and is called
    outside of any transaction. `permissions`: what a person needs to ask for it ("app.codename"), whatever the door.
    `unconfirmed`: for kinds that destroy data, the code of the refusal where the instance's identifier was not typed as
    `confirm`; "" for kinds that destroy nothing. `confirmed_without`: the flag that nobody may refuse without typing it
    either.

    What others need to know: `applies_plan`, the instance has the sizes of its plan as they are now from then on;
    `applies_plan_when`, the same where that flag of the operation's data is true. `awakens`: people can come again from
    then on. `servers`: what it did to what servers hold. `holds_backups`: the nightly backup that an engine starts by
    itself stays off from its first step that applies something until it is let go again. `expected_in`: the states in
    which it is what most people come for. `leaves_data`: it changes nothing of what people entered, so that an instance
    that it left failed is well again once all of it runs. `reads_only`: it changes nothing of the instance, so that
    every other kind goes on beside it; only a second one of its own kind waits. `works_in`: the kind of the parish's
    instance that it makes and removes again; it holds that one's lock, so that nothing else is done to it meanwhile.
    `of_kinds`: the kinds of instance that take it; empty for all.
    `is_dangerous`: its button is red.
    `campaign_parameters`: what a campaign may say for all of its instances alike; None for kinds that no campaign asks
    for.
    `of_objects`: it is about what an engine holds without an Instance row (operations.subjects); its functions get that
    in the place of an instance.
    `error_texts`: the texts of the error codes that it alone raises. `parish_words`: what a parish reads of it.
    """

    code: str
    position: int
    label: Any
    page_label: Any
    button_label: Any
    icon: str
    summary: str
    path: str
    command: str = ""
    rule: KindRule
    steps: tuple[StepDefinition, ...]
    describe: Describe | None = None
    parameters: tuple[Parameter, ...] = ()
    validate: Validate | None = None
    precheck: Precheck | None = None
    permissions: tuple[str, ...] = ("tenants.view_instance", "operations.add_operation")
    applies_plan: bool = False
    applies_plan_when: str = ""
    awakens: bool = False
    servers: ServersAfter | None = None
    holds_backups: bool = False
    unconfirmed: str = ""
    confirmed_without: str = ""
    expected_in: frozenset[InstanceState] = frozenset()
    leaves_data: bool = False
    reads_only: bool = False
    works_in: InstanceKind | None = None
    of_kinds: frozenset[InstanceKind] = frozenset()
    campaign_parameters: frozenset[str] | None = None
    of_objects: bool = False
    error_texts: Mapping[str, ErrorText] = field(default_factory=dict)
    is_dangerous: bool = False
    parish_words: ParishWords = ParishWords()

    def may_be_asked_in(self, state: str) -> bool:
        """Return whether an instance in `state` takes it."""
        return state in self.rule.allowed_from

    def is_for(self, kind: str) -> bool:
        """Return whether instances of `kind` take it, in whatever state."""
        return not self.of_kinds or kind in self.of_kinds

    def check(self, subject: Any, given: Parameters) -> Parameters:
        """Return the parameters as they are kept. Raise InvalidValue or another CiviparoisseError."""
        checked = check_parameters(self.parameters, given)
        return checked if self.validate is None else self.validate(subject, checked)

    def takes(self, name: str) -> bool:
        """Return whether it has a parameter of that name."""
        return any(parameter.name == name for parameter in self.parameters)

    def list_offered(self) -> tuple[Parameter, ...]:
        """Return the parameters that doors offer."""
        return tuple(parameter for parameter in self.parameters if not parameter.is_own)

    def is_confirmed_by_typing(self, given: Parameters) -> bool:
        """Return whether asking for it with `given` takes the instance's identifier, typed once more."""
        return self.takes(CONFIRM) and (self.is_destructive or given.get(self.confirmed_without) is False)

    @property
    def is_destructive(self) -> bool:
        """Whether data may be lost for good: then the instance's identifier is typed to confirm."""
        return bool(self.unconfirmed)

    @property
    def keeps_state(self) -> bool:
        """Whether an instance is, after it succeeded, in the state in which it was before."""
        return self.rule.on_success is None

    def has_applied_plan(self, data: Parameters) -> bool:
        """Return whether an operation of this kind, whose data is `data`, gave the instance its plan's sizes."""
        return self.applies_plan or bool(self.applies_plan_when and data.get(self.applies_plan_when))

    def find_step(self, name: str) -> StepDefinition | None:
        """Return the step called `name`; None when the kind has it no longer."""
        return next((step for step in self.steps if step.name == name), None)
