"""The parameters of a kind as options of a command, and what was typed as the operation's parameters."""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from operations.declarations import KindDefinition
from operations.declared_parameters import CONFIRM, Parameter, ParameterType

Options = dict[str, Any]


def add_options(parser: ArgumentParser, kind: KindDefinition, *, without: Iterable[str] = ()) -> None:
    """Add an option for each parameter that doors offer, less those called `without`."""
    groups: dict[str, Any] = {}
    offered = [parameter for parameter in kind.list_offered() if parameter.name not in without]
    for parameter in offered:
        if parameter.instead_of:
            groups[parameter.name] = groups[parameter.instead_of] = parser.add_mutually_exclusive_group()
    for parameter in offered:
        groups.get(parameter.name, parser).add_argument(make_option(parameter), **_describe(parameter))


def read_options(options: Options, kind: KindDefinition, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """Return the operation's parameters. What was not typed has its default; on a dry run the confirmation is taken as
    given."""
    parameters = {}
    for parameter in kind.list_offered():
        if parameter.name in without:
            continue
        value = options[make_option(parameter).removeprefix("--").replace("-", "_")]
        if parameter.type is ParameterType.FLAG:
            value = parameter.default is not True if value else parameter.default
        if value is not None:
            parameters[parameter.name] = value
    if CONFIRM in parameters and options["dry_run"]:
        parameters[CONFIRM] = options["instance"]
    return parameters


def make_option(parameter: Parameter) -> str:
    """Return the name of its option."""
    return parameter.option or "--" + parameter.name.replace("_", "-")


def _describe(parameter: Parameter) -> dict[str, Any]:
    text = _(parameter.summary) if parameter.summary else ""
    if parameter.type is ParameterType.FLAG:
        is_refusal = parameter.default is True
        return {"action": "store_true", "help": _("not: %(what)s") % {"what": text} if is_refusal else str(text)}
    if parameter.name == CONFIRM:
        return {"default": "", "metavar": "IDENTIFIER", "help": text}
    described: dict[str, Any] = {"help": text, "required": parameter.is_required}
    if parameter.type is ParameterType.CHOICE:
        return {**described, "choices": [code for code, _label in parameter.choices]}
    if parameter.type is ParameterType.TEXTS:
        return {**described, "action": "append", "metavar": "NAME"}
    return {**described, "metavar": "N", "type": int} if parameter.type is ParameterType.NUMBER else described
