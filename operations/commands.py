"""What management commands share: one document as the answer, and the life of an operation."""

import argparse
import getpass
import json
import logging
import sys
from abc import abstractmethod
from argparse import ArgumentParser
from typing import Any, TextIO, cast

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.db import Error as DatabaseFailure
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import CiviparoisseError
from domain.states import ENDED_OPERATION_STATES, OperationState
from domain.words import word
from operations.command_options import add_options, read_options
from operations.command_words import WordedCommand
from operations.confirmation import refuse_unconfirmed
from operations.declarations import KindDefinition
from operations.documents import DescriptionSerializer, OperationSerializer
from operations.follow import follow_operation
from operations.models import Operation
from operations.permissions import list_kind_permissions, require
from operations.registry import get_kind
from operations.requests import describe_operation, request_operation
from operations.role_groups import get_account
from operations.selectors import make_error
from operations.subjects import find_subject

JsonObject = dict[str, Any]


def parse_limit(text: str) -> int:
    """Return the value of --limit. Raise ArgumentTypeError unless it is a whole number from 1 on."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(_("give a whole number from 1 on."))
    return int(text)


def parse_key(text: str) -> str:
    """Return the value of --idempotency-key. Raise ArgumentTypeError unless it is one line of 1 to 200 characters."""
    if not (0 < len(text) <= 200 and text.isprintable()):
        raise argparse.ArgumentTypeError(_("give 1 to 200 printable characters."))
    return text


def get_requester() -> str:
    """Return who types, as kept in Operation.requested_by, e.g. "cli:marie"."""
    return f"cli:{getpass.getuser()}"


def add_asker(parser: ArgumentParser) -> None:
    """Add --as: the account in whose name something is asked."""
    parser.add_argument("--as", dest="account", metavar="ACCOUNT", help=_("ask as this account, by its permissions"))


def find_asker(options: JsonObject, *permissions: str) -> tuple[User | None, str]:
    """Return the account of --as and who asks, for the record; (None, who types) without it. Raise NotFound, or
    PermissionMissing for the first of `permissions` that the account lacks."""
    if not options.get("account"):
        return None, get_requester()
    person = get_account(options["account"])
    require(person, *permissions)
    return person, f"{get_requester()} as {person.get_username()}"[:150]


class DocumentCommand(WordedCommand):
    """A command that answers with one document: JSON with --json, lines for people otherwise.

    Subclasses write `make_answer` and `format_answer`. A CiviparoisseError becomes {"error": {code, message, hint}}
    (or its text on stderr) and `refusal_exit_code`; `make_answer` may set `self.exit_code` for bad news.
    A wrong command line ends with `usage_exit_code`, and with --json it is a document too. The log is silent, since
    the answer says it all; -v 2 shows it.
    """

    exit_code = 0
    usage_exit_code = 2
    refusal_exit_code = 1
    _has_begun = False

    def run_from_argv(self, argv: list[str]) -> None:
        """Run the command line `argv`."""
        try:
            super().run_from_argv(argv)
        except SystemExit as end:
            if self._has_begun or not end.code:  # answered, or --help
                raise
            if "--json" in argv:
                self._write_document({"error": make_error("command_line_invalid", {})})
            sys.exit(self.usage_exit_code)

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --json, then the command's own."""
        parser.add_argument("--json", action="store_true", dest="as_json", help=_("one JSON document on stdout"))
        self.add_own_arguments(parser)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what this command takes beyond --json."""

    @abstractmethod
    def make_answer(self, options: JsonObject) -> JsonObject:
        """Do what was asked and return the document. Raise CiviparoisseError for a refusal."""

    @abstractmethod
    def format_answer(self, answer: JsonObject) -> str:
        """Return the document as lines for people; empty when there is nothing (more) to say."""

    def handle(self, *_args: Any, **options: Any) -> None:
        """Answer, and exit with 0 or what went wrong."""
        self._has_begun = True
        as_json: bool = options["as_json"]
        try:
            answer = self._make_answer_quietly(options)
        except CiviparoisseError as error:
            if not as_json:
                text = "\n".join(filter(None, (error.message, error.hint)))
                raise CommandError(text, returncode=self.refusal_exit_code) from error
            answer, self.exit_code = {"error": make_error(error.code, error.params)}, self.refusal_exit_code
        if as_json:
            self._write_document(answer)
        elif text := self.format_answer(answer):
            self.stdout.write(text)
        if self.exit_code:
            sys.exit(self.exit_code)

    def _make_answer_quietly(self, options: JsonObject) -> JsonObject:
        before = logging.root.manager.disable
        logging.disable(logging.WARNING if options["verbosity"] < 2 else before)
        try:
            return self.make_answer(options)
        except DatabaseFailure as error:
            raise CiviparoisseError("database_unavailable", detail=type(error).__name__) from error
        finally:
            logging.disable(before)

    def _write_document(self, document: JsonObject) -> None:
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str))


class OperationCommand(DocumentCommand):
    """A command that starts one operation on one instance.

    Subclasses set `kind`; its declaration gives the help, the options and the confirmation. `without`: parameters that
    have no option, since the command sets them itself.
    """

    kind: str
    without: tuple[str, ...] = ()
    subject_help: Any = gettext_lazy("identifier of the instance")

    @property
    def help(self) -> str:  # type: ignore[override]
        """What the kind does."""
        return _(get_kind(self.kind).summary)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the instance, the options of every operation, then the kind's own."""
        self.add_operation_arguments(parser, get_kind(self.kind))

    def add_operation_arguments(self, parser: ArgumentParser, kind: KindDefinition) -> None:
        """Add the instance, the options of every operation, then those of `kind`."""
        parser.add_argument("instance", help=self.subject_help)
        parser.add_argument("--wait", action="store_true", help=_("follow it to its end; exit code 1 if it failed"))
        parser.add_argument("--dry-run", action="store_true", help=_("say what would be done, write nothing"))
        add_asker(parser)
        parser.add_argument(
            "--idempotency-key", type=parse_key, help=_("the same key with the same request starts nothing twice")
        )
        add_options(parser, kind, without=self.without)

    def make_parameters(self, options: JsonObject) -> JsonObject:
        """Return the operation's parameters from the options."""
        return read_options(options, get_kind(self.kind), without=self.without)

    def make_answer(self, options: JsonObject) -> JsonObject:
        """Request the operation and, with --wait, follow it to its end or to a wait of hours."""
        parameters = self.make_parameters(options)
        instance = find_subject(get_kind(self.kind), options["instance"], parameters)
        person, requester = find_asker(options, *list_kind_permissions(self.kind))
        if options["dry_run"]:
            described = describe_operation(kind=self.kind, instance=instance, parameters=parameters)
            return {"dry_run": True, **DescriptionSerializer(described).data}
        if get_kind(self.kind).is_confirmed_by_typing(parameters):
            self.type_identifier(options, parameters=parameters)
        refuse_unconfirmed(self.kind, instance.identifier, parameters)
        operation = request_operation(
            kind=self.kind,
            instance=instance,
            requested_by=requester,
            person=person,
            parameters=parameters,
            idempotency_key=options["idempotency_key"],
        )
        if options["wait"]:
            self._follow(operation, quiet=options["as_json"])
        return OperationSerializer(operation).data

    def type_identifier(self, options: JsonObject, *, parameters: JsonObject) -> None:
        """Show on a terminal what would be done and let the person type the identifier, where --confirm did not give
        it; what is asked without it is refused when it is requested."""
        identifier = options["instance"]
        if not parameters["confirm"] and sys.stdin.isatty() and not options["as_json"]:
            subject = find_subject(get_kind(self.kind), identifier, parameters)
            plan = describe_operation(
                kind=self.kind, instance=subject, parameters={**parameters, "confirm": identifier}
            )
            self.stdout.write("\n".join(plan.sentences))
            parameters["confirm"] = input(_("Type %(instance)s to go on: ") % {"instance": identifier}).strip()

    def _follow(self, operation: Operation, *, quiet: bool) -> None:
        try:
            # Under Django's wrapper, which ends every write with a new line: a progress bar could not move.
            follow_operation(operation, stdout=cast(TextIO, self.stdout._out), quiet=quiet)
        except KeyboardInterrupt:
            self._say_left(operation)
            self.exit_code = 130
            return
        if operation.state not in ENDED_OPERATION_STATES:
            self._say_left(operation)
        elif operation.state != OperationState.SUCCEEDED:
            self.exit_code = 1

    def _say_left(self, operation: Operation) -> None:
        self.stderr.write(
            _("Left to the workers: operation_show %(operation)s tells how it goes, operation_cancel stops it.")
            % {"operation": operation.public_id}
        )

    def format_answer(self, answer: JsonObject) -> str:
        """Return the plan of a dry run, or how the operation stands."""
        if answer.get("dry_run"):
            return "\n".join([*answer["sentences"], *(f"  - {step}" for step in answer["steps"])])
        return format_operation(answer)


def format_operation(answer: JsonObject) -> str:
    """Return an operation (as of OperationSerializer) in a line, with its error below if it has one."""
    kind, state = word("kind", answer["kind"]), word("state", answer["state"])
    lines = [f"{answer['id']} {kind} {answer['instance']}: {state} ({answer['progress']}%)"]
    if answer["cancel_requested"] and not answer["ended_at"]:
        lines.append(_("A cancel was asked: the operation stops before its next step."))
    if answer["error"]:
        lines += [answer["error"]["message"], answer["error"]["hint"]]
    return "\n".join(line for line in lines if line)
