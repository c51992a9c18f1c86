"""Make an account with roles; its password is read from a file, or made and printed once."""

import secrets
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import InvalidValue
from operations.commands import DocumentCommand, get_requester
from operations.role_groups import give_roles, list_roles, parse_roles
from operations.roles import ROLES
from tenants.text_files import read_text_file

LIMIT_BYTES = 1024


class Command(DocumentCommand):
    """`user_create jeanne --role operator [--email ADDRESS] [--password-file PATH]`."""

    help: Any = gettext_lazy("Make an account with roles. Without a file its password is made and shown once.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the name, the roles, the address and the file of the password."""
        parser.add_argument("name", help=_("name of the account"))
        add_roles(parser)
        parser.add_argument("--email", default="", help=_("its mail address"))
        parser.add_argument(
            "--password-file", metavar="PATH", help=_("file whose only line is the password; - is standard input")
        )

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Make it. Raise InvalidValue for a name that is taken or refused, or a weak password; then nothing is made."""
        roles = parse_roles(options["role"])
        made = None if options["password_file"] else secrets.token_urlsafe(18)
        password = made or read_password(options["password_file"])
        user = User(username=options["name"], email=options["email"], is_staff=True)
        try:
            user.full_clean(exclude=["password"])
            validate_password(password, user)
        except ValidationError as error:
            raise InvalidValue(field="account", reason=" ".join(error.messages)) from error
        user.set_password(password)
        with transaction.atomic():
            user.save()
            give_roles(user, roles, requested_by=get_requester())
        return {**user_as_dict(user), "password": made}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what was made, and the password where nobody gave one."""
        lines = [format_user(answer)]
        if answer["password"]:
            lines.append(_("Its password, shown once: %(password)s") % {"password": answer["password"]})
        return "\n".join(lines)


def add_roles(parser: CommandParser) -> None:
    """Add --role, which may be repeated."""
    parser.add_argument(
        "--role", action="append", default=[], choices=[role.code for role in ROLES], help=_("may be repeated")
    )


def read_password(path: str) -> str:
    """Return the only line of a file. Raise CiviparoisseError `file_unreadable`, or InvalidValue for several lines."""
    lines = read_text_file(path, limit_bytes=LIMIT_BYTES, standard_input=True).splitlines()
    if len(lines) != 1:
        raise InvalidValue(field="password", reason=_("the file must have one line."))
    return lines[0]


def user_as_dict(user: User) -> dict[str, Any]:
    """Return an account for people and programs: its name, address, whether it may come in, and its roles."""
    return {
        "name": user.get_username(),
        "email": user.email,
        "is_active": user.is_active,
        "is_superuser": user.is_superuser,
        "roles": [role.code for role in list_roles(user)],
    }


def format_user(answer: dict[str, Any]) -> str:
    """Return an account (as of `user_as_dict`) in a line."""
    roles = ", ".join(str(role.label) for role in ROLES if role.code in answer["roles"])
    return _("Account %(name)s: %(roles)s.") % {"name": answer["name"], "roles": roles or _("no role")}
