"""Give an account exactly the roles that are named."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.management.commands.user_create import add_roles, format_user, user_as_dict
from domain.errors import InvalidValue
from operations.commands import DocumentCommand, get_requester
from operations.role_groups import get_account, give_roles, parse_roles


class Command(DocumentCommand):
    """`user_role jeanne --role operator --role accountant`, `user_role jeanne --none`; without either: its roles."""

    help: Any = gettext_lazy("Give an account exactly these roles; without any, say which it has.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the account, the roles, and the taking of all."""
        parser.add_argument("name", help=_("name of the account"))
        add_roles(parser)
        parser.add_argument("--none", action="store_true", help=_("take all roles from it"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Give them. Raise NotFound, or InvalidValue where roles are both given and taken."""
        user = get_account(options["name"])
        if options["none"] and options["role"]:
            raise InvalidValue(field="role", reason=_("give either --role or --none."))
        if options["none"] or options["role"]:
            give_roles(user, parse_roles(options["role"]), requested_by=get_requester())
        return user_as_dict(user)

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what the account is now."""
        return format_user(answer)
