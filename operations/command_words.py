"""What argparse and Django say on a command line, in the language of the installation; their packages have none."""

import argparse
import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.sentences import translate_sentence
from domain.texts import Text

# Options that every command of Django's has (django.core.management.base, argparse).
OPTIONS = (
    gettext_noop("show this help message and exit"),
    gettext_noop("Show program's version number and exit."),
    gettext_noop("Verbosity level; 0=minimal output, 1=normal output, 2=verbose output, 3=very verbose output"),
    gettext_noop(
        'The Python path to a settings module, e.g. "myproject.settings.main". If this isn\'t provided, the '
        "DJANGO_SETTINGS_MODULE environment variable will be used."
    ),
    gettext_noop('A directory to add to the Python path, e.g. "/home/djangoprojects/myproject".'),
    gettext_noop("Display a full stack trace on CommandError exceptions."),
    gettext_noop("Don't colorize the command output."),
    gettext_noop("Force colorization of the command output."),
    gettext_noop("Skip system checks."),
)
OF_ARGUMENT = gettext_noop("argument %(name)s: %(reason)s")
# argparse's refusals. The first that fits counts.
REFUSALS = tuple(
    Text(text)
    for text in (
        gettext_noop("the following arguments are required: %(names)s"),
        gettext_noop("one of the arguments %(names)s is required"),
        gettext_noop("unrecognized arguments: %(names)s"),
        gettext_noop("invalid choice: %(value)s (choose from %(choices)s)"),
        gettext_noop("invalid int value: %(value)s"),
        gettext_noop("invalid %(type)s value: %(value)s"),
        gettext_noop("expected one argument"),
        gettext_noop("expected at least one argument"),
        gettext_noop("expected %(count)s arguments"),
        gettext_noop("not allowed with argument %(name)s"),
        gettext_noop("ambiguous option: %(option)s could match %(names)s"),
        gettext_noop("ignored explicit argument %(value)s"),
    )
)


class WordedFormatter(DjangoHelpFormatter):
    """Help whose first word is translated too."""

    def add_usage(self, usage: Any, actions: Any, *args: Any, **kwargs: Any) -> None:
        """Begin with the word for usage."""
        super().add_usage(usage, actions, *args[:1], **{**kwargs, "prefix": _("usage: ")})


class WordedCommand(BaseCommand):
    """A command whose help and refusals speak the language of the installation."""

    help: Any = ""  # translated when it is shown

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return the parser of the command line, worded."""
        return word_parser(super().create_parser(prog_name, subcommand, **kwargs))


def word_parser(parser: CommandParser) -> CommandParser:
    """Have `parser` speak the active language: headings, help of inherited options, refusals. Return it."""
    _word_texts(parser)
    told = parser.error

    def refuse(message: str) -> NoReturn:
        if not parser.called_from_command_line:
            told(word_refusal(message))
        parser.print_usage(sys.stderr)
        named = {"program": parser.prog, "message": word_refusal(message)}
        parser.exit(2, _("%(program)s: error: %(message)s") % named + "\n")

    parser.error = refuse  # type: ignore[method-assign]
    return parser


def word_refusal(message: str) -> str:
    """Return a refusal of argparse's in the active language."""
    worded = translate_sentence(message, REFUSALS)
    if worded == message and message.startswith("argument "):
        name, _separator, reason = message.removeprefix("argument ").partition(": ")
        worded = _(OF_ARGUMENT) % {"name": name, "reason": translate_sentence(reason, REFUSALS)}
    return worded


def _word_texts(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = WordedFormatter
    parser.description = None if parser.description is None else str(parser.description)
    parser._positionals.title, parser._optionals.title = _("arguments"), _("options")
    for action in parser._actions:
        if action.help and action.help is not argparse.SUPPRESS:
            text = " ".join(str(action.help).split())
            action.help = _(text) if text in OPTIONS else text
        if isinstance(action, argparse._SubParsersAction):
            for kind in action._choices_actions:
                kind.help = str(kind.help)
            for below in action.choices.values():
                _word_texts(below)
