"""Plans and releases as options of commands: another one's values, a file's, then those given as NAME=VALUE."""

from abc import abstractmethod
from typing import Any, Generic, TypeVar

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from domain.errors import InvalidValue
from domain.quantities import parse_bytes, parse_millicores
from domain.reservations import add_reservations
from domain.strict_yaml import YamlRefused, parse_yaml
from manifests.footprints import make_footprint
from operations.commands import DocumentCommand, get_requester
from tenants.catalogue import plan_as_dict, release_as_dict
from tenants.models import Plan, Release
from tenants.plan_rules import VOLUMES
from tenants.registry import get_plan, get_release
from tenants.specs import make_plan
from tenants.text_files import STANDARD_INPUT, read_text_file, refuse_file, refuse_yaml

LIMIT_BYTES = 64 * 1024
SHORT_VOLUMES = {name.removesuffix("_bytes"): name for name in VOLUMES}
UNITS = {"cpu_request": "millicores", "cpu_limit": "millicores", "memory_request": "bytes", "memory_limit": "bytes"}
MEBIBYTE, GIBIBYTE = 1024**2, 1024**3
# The kind of instance that releases are of (domain.specs.Release).
BLUEPRINT = "civiparoisse-1"

Row = TypeVar("Row", Plan, Release)


class CatalogueCommand(DocumentCommand, Generic[Row]):
    """A command that records or changes a plan or a release. `creates`: it takes --like."""

    creates = False
    what = ""

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the name, where values come from, and --dry-run."""
        parser.add_argument("name", help=_("its name"))
        if self.creates:
            parser.add_argument("--like", metavar="NAME", help=_("one whose values it has unless others are given"))
        parser.add_argument("--file", metavar="PATH", help=_("values as YAML; - is standard input"))
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=_("may be repeated"))
        parser.add_argument("--default", action="store_true", help=_("make it the one that is used when none is named"))
        parser.add_argument("--dry-run", action="store_true", help=_("check everything, write nothing"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Write it and return it. Raise NotFound, InvalidValue or what the registry raises."""
        values = read_values_file(options["file"]) if options["file"] else {}
        for text in options["set"]:
            put_value(values, text)
        if options["default"]:
            values["is_default"] = True
        like = self.find(options["like"]) if options.get("like") else None
        with transaction.atomic():
            row = self.write(options["name"], self.read(values), like, requested_by=get_requester())
            answer = self.show(row)
            transaction.set_rollback(options["dry_run"])
        return {"dry_run": options["dry_run"], self.what: answer}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return it in a line, and what becomes of instances that have it."""
        shown = answer[self.what]
        line = self.format(shown)
        if answer["dry_run"]:
            return _("%(line)s (dry run: nothing is written)") % {"line": line}
        if shown["instances"]:
            return "\n".join((line, _("Instances that have it take it up when they are next applied: instance_resume")))
        return line

    @abstractmethod
    def write(self, name: str, values: dict[str, Any], like: Row | None, *, requested_by: str) -> Row:
        """Record or change the row."""

    @abstractmethod
    def find(self, name: str) -> Row:
        """Return the row called `name`. Raise NotFound."""

    @abstractmethod
    def read(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values typed in the form of the registry. Raise InvalidValue."""

    @abstractmethod
    def show(self, row: Row) -> dict[str, Any]:
        """Return the row as a document."""

    @abstractmethod
    def format(self, shown: dict[str, Any]) -> str:
        """Return it in a line."""


class PlanCommand(CatalogueCommand[Plan]):
    """A command about a plan: volumes as db_volume=2Gi, containers as containers.httpd.cpu_request=250m."""

    what = "plan"

    def find(self, name: str) -> Plan:
        """Return the plan called `name`. Raise NotFound."""
        return get_plan(name)

    def read(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return sizes as numbers. Raise InvalidValue."""
        return read_sizes(values)

    def show(self, row: Plan) -> dict[str, Any]:
        """Return the plan with what an instance of it holds."""
        return show_plan(row)

    def format(self, shown: dict[str, Any]) -> str:
        """Return the plan in a line."""
        return format_plan(shown)


class ReleaseCommand(CatalogueCommand[Release]):
    """A command about a release: images.httpd=REFERENCE, versions.civicrm=VERSION."""

    what = "release"

    def find(self, name: str) -> Release:
        """Return the release called `name`. Raise NotFound."""
        return get_release(name)

    def read(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return them as they are: texts."""
        return values

    def show(self, row: Release) -> dict[str, Any]:
        """Return the release."""
        return release_as_dict(row)

    def format(self, shown: dict[str, Any]) -> str:
        """Return the release in a line."""
        return format_release(shown)


def read_values_file(path: str) -> dict[str, Any]:
    """Return the values by name in a YAML file. Raise CiviparoisseError `file_unreadable`."""
    try:
        document = parse_yaml(read_text_file(path, limit_bytes=LIMIT_BYTES, standard_input=path == STANDARD_INPUT))
    except YamlRefused as refused:
        raise refuse_yaml(path, refused) from None
    if not isinstance(document, dict) or not all(isinstance(name, str) for name in document):
        raise refuse_file(path, _("not a list of names and values"))
    return document


def put_value(values: dict[str, Any], text: str) -> None:
    """Put NAME=VALUE into `values`; dots in the name lead inside. Raise InvalidValue."""
    name, equals, value = text.partition("=")
    parts = name.split(".")
    if not equals or not all(parts):
        raise InvalidValue(field="set", reason=_("give NAME=VALUE, e.g. db_volume=2Gi."))
    # Of a release's names of products only the first dot leads inside.
    if parts[0] in ("images", "versions"):
        parts = name.split(".", 1)
    place = values
    for part in parts[:-1]:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise InvalidValue(field=name, reason=_("This field does not exist."))
    place[parts[-1]] = value


def read_sizes(values: dict[str, Any]) -> dict[str, Any]:
    """Return a plan's values as the registry takes them: volumes and memory in bytes, CPU in millicores, as people type
    them (2Gi, 250m, 0.5). Raise InvalidValue."""
    read: dict[str, Any] = {}
    for name, value in values.items():
        if name == "containers":
            read[name] = _read_containers(value)
        elif name in SHORT_VOLUMES or name in VOLUMES:
            read[SHORT_VOLUMES.get(name, name)] = _read_amount(name, value, "bytes")
        else:
            read[name] = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    return read


def _read_containers(given: Any) -> dict[str, dict[str, int]]:
    if not isinstance(given, dict) or not all(isinstance(amounts, dict) for amounts in given.values()):
        raise InvalidValue(field="containers", reason=_("give amounts by container, e.g. httpd: {cpu_request: 250m}."))
    read: dict[str, dict[str, int]] = {}
    for container, amounts in given.items():
        read[container] = {}
        for name, value in amounts.items():
            short = name.removesuffix("_millicores").removesuffix("_bytes")
            unit = UNITS.get(short, "")
            field = f"{short}_{unit}" if unit else name
            exact = isinstance(value, int) and name == field
            read[container][field] = value if exact or not unit else _read_amount(f"{container}.{name}", value, unit)
    return read


def _read_amount(name: str, value: Any, unit: str) -> int:
    try:
        return parse_millicores(value) if unit == "millicores" else parse_bytes(value)
    except ValueError as error:
        raise InvalidValue(field=name, reason=_("give a quantity such as 2Gi, 512Mi, 250m.")) from error


def show_plan(plan: Plan) -> dict[str, Any]:
    """Return the plan with what an instance of it holds: at rest, and with cron and backup running beside."""
    footprint = make_footprint(make_plan(plan), blueprint=BLUEPRINT)
    held = {"at_rest": footprint.at_rest, "at_most": add_reservations(footprint.pods)}
    shown = {
        name: {"cpu_millicores": amount.cpu_millicores, "memory_bytes": amount.memory_bytes}
        for name, amount in held.items()
    }
    return {**plan_as_dict(plan), **shown}


def format_plan(plan: dict[str, Any]) -> str:
    """Return a plan (as of `show_plan`) in a line."""
    volumes = ", ".join(f"{name.removesuffix('_volume_bytes')} {plan[name] / GIBIBYTE:g}Gi" for name in VOLUMES)
    return _("%(name)s: at rest %(rest)s, at most %(most)s; volumes %(volumes)s; %(count)s instances%(default)s") % {
        "name": plan["name"],
        "rest": _format_amount(plan["at_rest"]),
        "most": _format_amount(plan["at_most"]),
        "volumes": volumes,
        "count": plan["instances"],
        "default": f" ({_('default')})" if plan["is_default"] else "",
    }


def format_release(release: dict[str, Any]) -> str:
    """Return a release (as of `release_as_dict`) in a line."""
    versions = ", ".join(f"{product} {version}" for product, version in release["versions"].items()) or "-"
    return _("%(name)s: %(versions)s; %(count)s instances%(default)s") % {
        "name": release["name"],
        "versions": versions,
        "count": release["instances"],
        "default": f" ({_('default')})" if release["is_default"] else "",
    }


def _format_amount(amount: dict[str, int]) -> str:
    return f"{amount['cpu_millicores']}m {amount['memory_bytes'] / MEBIBYTE:g}Mi"
