"""The way in: an address asks for a link, the link (or its six digits) opens once, in the browser that asked.

What a page does for an address is the same whether it is known or not: it writes one row. Whether a mail leaves is
found out afterwards, by a worker (send_links): neither the answer nor its time tells who is a contact.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from domain.errors import CiviparoisseError
from operations.doorbell import ring_task_on_commit
from parish_requests.models import ParishContact
from parish_requests.post import LANGUAGE, get_door_address, write_mail
from parish_site.keys import SECRET_SIGNS, digest_code, digest_secret, is_code, make_code, make_secret
from parish_site.limits import count_link, count_try
from parish_site.models import SignIn

LIFETIME = timedelta(minutes=15)
MINUTES = 15
MOST_WRONG_CODES = 5
MOST_MAIL = 254
LINK_PATH = "/paroisse/entrer/"
LINKS_TASK = "parish_site.links"
# Afterwards nothing of who asked for a link is kept.
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entrance:
    """Who comes in; or, with no contact, the contacts among which the person must choose first: nothing is used up."""

    contact: ParishContact | None
    choices: tuple[ParishContact, ...]


def clean_mail(mail: str) -> str:
    """Return an address as contacts have it. Raise CiviparoisseError `door_address_invalid`."""
    mail = mail.strip().lower()
    try:
        EmailValidator()(mail)
    except ValidationError:
        raise CiviparoisseError("door_address_invalid") from None
    if len(mail) > MOST_MAIL or not mail.isascii():
        raise CiviparoisseError("door_address_invalid")
    return mail


def ask_link(mail: str, *, browser: str, origin: str, now: datetime) -> None:
    """Write down that somebody wants to come in with this address; a worker sends the link if it is a contact's.

    `browser`: the secret of the browser that asks; `origin`: its network address. Raise CiviparoisseError
    `door_address_invalid` or `door_too_often`.
    """
    mail = clean_mail(mail)
    count_link(mail, origin, now=now)
    with transaction.atomic():
        SignIn.objects.create(
            mail=mail,
            # Of secrets that nobody has: send_links puts those of the mail here.
            link_sha256=digest_secret(make_secret()),
            code_sha256="",
            browser_sha256=digest_secret(browser),
            asked_at=now,
            expires_at=now + LIFETIME,
        )
        # In both cases, so that the answer takes the same time.
        ring_task_on_commit(LINKS_TASK)


def send_links(*, now: datetime) -> int:
    """Write the mail of each sign-in that waits for it and whose address is a contact's; return how many. A worker's;
    one that dies has written nothing, and the next begins again."""
    written = 0
    for waiting in SignIn.objects.filter(handled_at=None, expires_at__gt=now).order_by("pk"):
        with transaction.atomic():
            # Of two workers one does it.
            if SignIn.objects.filter(pk=waiting.pk, handled_at=None).update(handled_at=now):
                written += _send_link(waiting, now=now)
    return written


def list_contacts(mail: str) -> QuerySet[ParishContact]:
    """Return who may come in with an address: one contact for each of its parishes, where it was confirmed."""
    rows = ParishContact.objects.filter(mail=mail, confirmed_at__isnull=False)
    return rows.select_related("tenant").order_by("tenant__name_key", "pk")


def find_link(secret: str, *, browser: str, now: datetime) -> SignIn:
    """Return the sign-in that a link belongs to, for the page with the button; nothing is used up.

    Raise CiviparoisseError `door_link_invalid`, the same whether the link is unknown, used or too old, or
    `door_link_elsewhere` where another browser asked.
    """
    row = _select_open(now).filter(link_sha256=digest_secret(secret)).first() if len(secret) == SECRET_SIGNS else None
    if row is None:
        raise CiviparoisseError("door_link_invalid", minutes=MINUTES)
    if row.browser_sha256 != digest_secret(browser):
        raise CiviparoisseError("door_link_elsewhere")
    return row


def open_link(secret: str, *, browser: str, parish: str, origin: str, now: datetime) -> Entrance:
    """Use a link up. `parish`: the slug of the parish that was chosen, "" where there was no choice. Raise
    CiviparoisseError as find_link does, or `door_too_often`."""
    count_try(origin, now=now)
    row = find_link(secret, browser=browser, now=now)
    return _use(row, parish, invalid=CiviparoisseError("door_link_invalid", minutes=MINUTES), now=now)


def open_code(code: str, *, browser: str, parish: str, origin: str, now: datetime) -> Entrance:
    """Use the six digits of the newest mail that this browser asked for. `parish`: as above. Raise CiviparoisseError
    `door_code_wrong` or `door_too_often`."""
    count_try(origin, now=now)
    browser_sha256 = digest_secret(browser)
    row = _select_open(now).filter(browser_sha256=browser_sha256).order_by("-pk").first() if browser else None
    invalid = CiviparoisseError("door_code_wrong")
    # Counted before it is looked at: of a thousand guesses at once five are looked at.
    if row is None or not _select_open(now).filter(pk=row.pk).update(wrong_codes=F("wrong_codes") + 1):
        raise invalid
    # Read again: the mail may have been written meanwhile, and counts as it is.
    row.refresh_from_db(fields=["code_sha256"])
    if not is_code("".join(code.split()), row.code_sha256, browser_sha256=browser_sha256):
        raise invalid
    SignIn.objects.filter(pk=row.pk).update(wrong_codes=F("wrong_codes") - 1)
    return _use(row, parish, invalid=invalid, now=now)


def forget_sign_ins(*, now: datetime) -> int:
    """Delete the sign-ins of more than a day ago; return how many."""
    return SignIn.objects.filter(asked_at__lt=now - KEPT).delete()[0]


def _select_open(now: datetime) -> QuerySet[SignIn]:
    return SignIn.objects.filter(used_at=None, expires_at__gt=now, wrong_codes__lt=MOST_WRONG_CODES)


def _use(row: SignIn, parish: str, *, invalid: CiviparoisseError, now: datetime) -> Entrance:
    contacts = list(list_contacts(row.mail))
    if not contacts:  # removed since the mail was sent
        raise invalid
    only = contacts[0] if len(contacts) == 1 else None
    chosen = only or next((contact for contact in contacts if contact.tenant.slug == parish), None)
    if chosen is None:
        return Entrance(contact=None, choices=tuple(contacts))
    # One UPDATE decides: of two clicks at once one comes in.
    if not _select_open(now).filter(pk=row.pk).update(used_at=now):
        raise invalid
    return Entrance(contact=chosen, choices=())


def _send_link(row: SignIn, *, now: datetime) -> int:
    if not list_contacts(row.mail).exists():
        return 0
    secret, code = make_secret(), make_code()
    SignIn.objects.filter(pk=row.pk).update(
        link_sha256=digest_secret(secret), code_sha256=digest_code(code, browser_sha256=row.browser_sha256)
    )
    with override(LANGUAGE):
        named = {"link": get_door_address(f"{LINK_PATH}{secret}"), "code": f"{code[:3]} {code[3:]}", "minutes": MINUTES}
        text = _(
            "Hello,\n\n"
            "To come in, open this page in the browser where you asked for it, and press the button:\n\n"
            "%(link)s\n\n"
            "If it opens in another browser (on your telephone, say), type these six digits where you asked:\n\n"
            "%(code)s\n\n"
            "Both work once, for %(minutes)s minutes. Nobody of UEPAL ever asks you for them. If you asked for "
            "nothing, do nothing: nobody has come in."
        )
        write_mail(row.mail, _("Your way in to Civiparoisse"), text % named, is_secret=True, now=now)
    return 1
