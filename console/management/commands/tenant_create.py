"""Record a parish and its production instance, from a file, flags, or both."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.instances.options import add_instance_options, select_instance_options
from domain.parameters import PARAMETERS, SECRET_FIELDS, list_adjustments
from domain.specs import InstanceKind
from operations.commands import DocumentCommand, get_requester
from tenants.documents import instance_as_dict, tenant_as_dict
from tenants.parish_file import read_parish_file, read_password_file
from tenants.registry import create_instance, create_tenant


class Command(DocumentCommand):
    """`tenant_create --file parish.yaml [--city …]`: a flag wins over the file. Nothing is installed yet."""

    help: Any = gettext_lazy(
        "Record a parish and its production instance, from a file, flags, or both. Nothing is installed yet."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Accept no abbreviated flag: `--smtp-password x` would be read as the name of a file, and be shown."""
        return super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the file, a flag for every parameter, and what the instance is made of."""
        parser.add_argument("--file", metavar="PATH", help=_("parameters as YAML, or JSON if it ends in .json"))
        group = parser.add_argument_group(_("parameters of the parish"))
        for name in PARAMETERS:
            flag = f"--{name.replace('_', '-')}"
            if name in SECRET_FIELDS:
                group.add_argument(f"{flag}-file", metavar="PATH", help=_("file whose only line is the password"))
            else:
                group.add_argument(flag, metavar="TEXT")
        parser.add_argument("--no-instance", action="store_true", help=_("record the parish only"))
        parser.add_argument("--dry-run", action="store_true", help=_("check everything, write nothing"))
        add_instance_options(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Record, and return what was recorded, what was recorded otherwise than given, and what to type next."""
        data = make_data(options)
        chosen = select_instance_options(options)
        with transaction.atomic():
            tenant = create_tenant(data, requested_by=get_requester())
            instance = None
            if not options["no_instance"]:
                instance = create_instance(tenant, kind=InstanceKind.PRODUCTION, **chosen)
            answer = {
                "dry_run": options["dry_run"],
                "tenant": tenant_as_dict(tenant),
                "instance": instance_as_dict(instance) if instance else None,
                "adjustments": list_adjustments(data, {name: getattr(tenant, name) for name in PARAMETERS}),
                "next": f"instance_provision {tenant.slug} --wait" if instance else f"instance_create {tenant.slug}",
            }
            # A dry run is the real thing, undone: what it accepts will be accepted.
            transaction.set_rollback(options["dry_run"])
        return answer

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news and the next command."""
        names = {"tenant": answer["tenant"]["slug"], "name": answer["tenant"]["name"]}
        lines = [_("%(field)s is recorded as: %(recorded)s") % adjusted for adjusted in answer["adjustments"]]
        if answer["dry_run"]:
            lines.append(_("Parish %(tenant)s (%(name)s) would be recorded.") % names)
        else:
            lines.append(_("Parish %(tenant)s (%(name)s) is recorded.") % names)
            if answer["instance"]:
                lines.append(_("Its page will answer for %(host)s.") % {"host": answer["instance"]["host"]})
            lines.append(_("Next: manage.py %(command)s") % {"command": answer["next"]})
        return "\n".join(lines)


def make_data(options: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters given, by name: the file's, then the flags'. Raise `file_unreadable`."""
    data = read_parish_file(options["file"]) if options.get("file") else {}
    for name in PARAMETERS:
        if name in SECRET_FIELDS:
            path = options.get(f"{name}_file")
            if path is not None:
                data[name] = read_password_file(path)
        elif options.get(name) is not None:
            data[name] = options[name]
    return data
