"""Enter a request for a parish that reached UEPAL by another way."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from operations.permissions import require
from operations.role_groups import get_account
from parish_requests.actors import make_staff_actor
from parish_requests.choices import Cause, RequestScope, Wish
from parish_requests.documents import PreviewSerializer, RequestSerializer, make_preview_document
from parish_requests.entering import describe_entry, enter_request

ENTER = "parish_requests.add_restorerequest"
# An undo is asked where the restore is.
WISHES = [wish.value for wish in Wish if wish is not Wish.UNDO]
OPTIONS = ("backup", "cause", "scope", "part", "why", "contact", "recipient", "external_reference")


class Command(DocumentCommand):
    """`request_enter saint-paul restore --backup SET --why "…" --channel "by telephone, by Mrs Weiss" --as marc`."""

    help: Any = gettext_lazy(
        "Enter a request for a parish that asked by another way, and send it; that it was so stays said on it. Another "
        "person approves it."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what is asked for, by whom and how, in whose name it is entered, and a dry run."""
        parser.add_argument("instance", help=_("the parish’s site"))
        parser.add_argument("wish", choices=WISHES, help=_("what is asked for"))
        parser.add_argument(
            "--channel", required=True, help=_("how it was asked, e.g. “by telephone, by Mrs Martin, treasurer”")
        )
        parser.add_argument(
            "--as", dest="account", metavar="ACCOUNT", required=True, help=_("the account that enters it")
        )
        parser.add_argument("--contact", metavar="MAIL", help=_("address of the contact who asks, if one does"))
        parser.add_argument("--backup", metavar="SET", help=_("the moment to go back to: identifier of the backup"))
        parser.add_argument("--cause", choices=Cause.values, help=_("what happened"))
        parser.add_argument("--scope", choices=RequestScope.values, help=_("how much is put back"))
        parser.add_argument("--part", metavar="TREE/PATH", help=_("the file or folder, of scope part"))
        parser.add_argument("--why", help=_("why, in their words"))
        parser.add_argument(
            "--recipient", metavar="KEY", help=_("of a download: the public half of an age key of that contact")
        )
        parser.add_argument("--external-reference", metavar="REFERENCE", help=_("reference of the helpdesk"))
        parser.add_argument("--dry-run", action="store_true", help=_("only say what would be entered"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the request and what it would change; in a dry run as it would be. Raise CiviparoisseError."""
        person = get_account(options["account"])
        require(person, ENTER)
        asked = {name: options[name] for name in OPTIONS if options[name] is not None}
        asked |= {name: options[name] for name in ("instance", "wish", "channel")}
        enter = describe_entry if options["dry_run"] else enter_request
        request = enter(actor=make_staff_actor(person.get_username()), now=timezone.now(), **asked)
        preview = PreviewSerializer(make_preview_document(request)).data
        document: dict[str, Any] = {**RequestSerializer(request).data}
        if options["dry_run"]:
            document["reference"] = preview["reference"] = None
        return {"request": document, "preview": preview, "dry_run": options["dry_run"]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what it would change, and what was entered."""
        request, preview = answer["request"], answer["preview"]
        lines = [preview["lead"], *preview["warnings"], *preview["outcome"]]
        named = {"reference": request["reference"], "instance": request["instance"]}
        if answer["dry_run"]:
            lines.append(_("It would be entered for %(instance)s. Nothing was changed.") % named)
        else:
            lines.append(_("The request %(reference)s is entered; another person decides on it.") % named)
        return "\n".join(filter(None, lines))
