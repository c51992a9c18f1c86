"""Every parameter of a parish (docs/domain.md#parameters): its parser, its default, and what must hold between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import CiviparoisseError, InvalidValue
from domain.names import compute_slug, parse_slug
from domain.texts import translate as _
from domain.values import (
    parse_account,
    parse_flag,
    parse_folder,
    parse_host,
    parse_line,
    parse_mail,
    parse_password,
    parse_phone,
    parse_port,
    parse_postcode,
    parse_verp_localpart,
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """`parse`: (field, value) -> recorded value. `default`: recorded when nothing is given; None: it must be given."""

    parse: Callable[[str, object], Any]
    default: Any = None
    is_secret: bool = False


def _line(length: int, *, required: bool = True) -> Parameter:
    return Parameter(
        lambda field, value: parse_line(field, value, length=length, required=required), None if required else ""
    )


def _account(length: int) -> Parameter:
    return Parameter(lambda field, value: parse_account(field, value, length=length), "")


# Lengths are those of the columns (tenants/models.py), which follow CiviCRM's: a contact's name 128, a street 96 and
# more in parts, a city 64, a domain's name 64.
PARAMETERS: dict[str, Parameter] = {
    "name": _line(128),
    "slug": Parameter(lambda field, value: parse_slug(value, field=field)),
    "street_number": _line(16, required=False),
    "street": _line(128),
    "postcode": Parameter(parse_postcode),
    "city": _line(64),
    "phone": Parameter(parse_phone, ""),
    "drupal_site_mail": Parameter(parse_mail),
    "civicrm_domain_mail": Parameter(parse_mail),
    "civicrm_domain": _line(64),
    "admin_mail": Parameter(parse_mail),
    "admin_name": _line(64),
    "admin_description": _line(128, required=False),
    "smtp_host": Parameter(parse_host, ""),
    "smtp_port": Parameter(parse_port, 587),  # submission, RFC 6409
    "smtp_user": _account(128),
    "smtp_password": Parameter(parse_password, "", is_secret=True),
    "imap_host": Parameter(parse_host, ""),
    "imap_port": Parameter(parse_port, 993),  # IMAP over TLS, RFC 8314
    "imap_user": _account(128),
    "imap_password": Parameter(parse_password, "", is_secret=True),
    "imap_use_ssl": Parameter(parse_flag, True),
    "imap_folder": Parameter(lambda field, value: parse_folder(field, value, length=64), "INBOX"),
    "return_path": Parameter(lambda field, value: parse_mail(field, value, required=False), ""),
    "verp_localpart": Parameter(lambda field, value: parse_verp_localpart(field, value, length=32), ""),
}
SECRET_FIELDS = frozenset(name for name, parameter in PARAMETERS.items() if parameter.is_secret)
REQUIRED_FIELDS = frozenset(name for name, parameter in PARAMETERS.items() if parameter.default is None)

Fault = dict[str, str]


def validate_value(field: str, value: object) -> Any:
    """Return the recorded form of one parameter. Raise InvalidValue; also when there is no such parameter."""
    if field not in PARAMETERS:
        raise InvalidValue(field=field, reason=_("there is no such parameter."))
    parameter = PARAMETERS[field]
    if value is None or value == "":
        if parameter.default is None:
            raise InvalidValue(field=field, reason=_("is missing."))
        return parameter.default
    return parameter.parse(field, value)


def validate_tenant(data: Mapping[str, object]) -> dict[str, Any]:
    """Return every parameter of a parish in its recorded form; what is absent, None or empty gets its default.

    Raise CiviparoisseError `invalid_tenant` naming all faults at once: params `tenant` (the sub-domain, «?» if it was
    refused), `count`, `summary` (one text), `fields` (a list of {field, reason}; never a value of a secret),
    `well_formed` where each value would do by itself.
    """
    recorded: dict[str, Any] = {}
    faults: list[Fault] = []
    for name in (*PARAMETERS, *sorted(_show_name(name) for name in data if name not in PARAMETERS)):
        try:
            recorded[name] = validate_value(name, data.get(name))
        except InvalidValue as error:
            faults.append({"field": name, "reason": _reason_for(name, data, str(error.params["reason"]))})
    refused = {fault["field"] for fault in faults}
    well_formed = {} if faults else {"well_formed": True}
    faults += [fault for fault in list_contradictions(recorded) if fault["field"] not in refused]
    if faults:
        raise CiviparoisseError(
            "invalid_tenant",
            tenant=recorded.get("slug", "?"),
            count=len(faults),
            summary=_summarise(faults),
            fields=faults,
            **well_formed,
        )
    return recorded


def list_contradictions(recorded: Mapping[str, Any]) -> list[Fault]:
    """Return what does not hold between parameters of `recorded`; those that are absent from it are not judged."""
    faults: list[Fault] = []

    def absent(name: str) -> bool:
        return name in recorded and not recorded[name]

    for server in ("smtp", "imap"):
        host, user, password = f"{server}_host", f"{server}_user", f"{server}_password"
        if absent(host) and recorded.get(user):
            faults.append({"field": host, "reason": _("is missing: an account is given.")})
        if absent(user) and recorded.get(password):
            faults.append({"field": user, "reason": _("is missing: a password is given.")})
        if absent(password) and recorded.get(user):
            faults.append({"field": password, "reason": _("is missing: an account is given.")})
    # SMTP may be an open relay of the own network; a mailbox never is.
    if absent("imap_user") and recorded.get("imap_host") and not recorded.get("imap_password"):
        faults.append({"field": "imap_user", "reason": _("is missing: an IMAP server is given.")})
    return faults


def list_adjustments(data: Mapping[str, object], recorded: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is recorded otherwise than it was given, to be told: {field, given, recorded}; never a secret."""
    return [
        {"field": name, "given": data[name], "recorded": recorded[name]}
        for name in PARAMETERS
        if name not in SECRET_FIELDS
        and isinstance(data.get(name), str)
        and data[name]
        and str(recorded[name]).lower() != str(data[name]).lower()
    ]


def _show_name(name: object) -> str:
    """Return an unknown name as it can be shown."""
    text = str(name)
    return text if text.isprintable() and 0 < len(text) <= 40 else ascii(text[:40])


def _summarise(faults: list[Fault]) -> str:
    return "".join(f"\n  {fault['field']}: {fault['reason']}" for fault in faults)


def _reason_for(name: str, data: Mapping[str, object], reason: str) -> str:
    """Return `reason`; for a missing sub-domain also one that would do."""
    given = data.get("name")
    suggestion = compute_slug(given) if name == "slug" and not data.get(name) and isinstance(given, str) else ""
    return f"{reason} {_('For instance: %(slug)s.') % {'slug': suggestion}}" if suggestion else reason
