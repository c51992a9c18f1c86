"""Reads contacts of parishes from a table (CSV): all of them are recorded, or none, with every fault of every line."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from django.db import transaction
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from parish_requests.contacts import add_contact, check_contact
from parish_requests.models import ParishContact
from tenants.models import Tenant

NEEDED, OPTIONAL = ("tenant", "name", "mail"), ("may_ask", "is_informed")
YES, NO = frozenset({"", "1", "yes", "oui", "true"}), frozenset({"0", "no", "non", "false"})
MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table, checked. `is_known`: the parish has a contact with that address already."""

    number: int
    tenant: Tenant
    name: str
    mail: str
    may_ask: bool
    is_informed: bool
    is_known: bool


def read_contacts(text: str) -> list[Line]:
    """Return the contacts of a table whose first line names its columns (tenant, name, mail; may_ask, is_informed with
    yes or no), between commas or semicolons. Raise CiviparoisseError `contact_file_invalid` with every fault."""
    rows, faults = _split(text), list[str]()
    tenants = {tenant.slug: tenant for tenant in Tenant.objects.all()}
    known = set(ParishContact.objects.values_list("tenant__slug", "mail"))
    lines, seen = list[Line](), set[tuple[str, str]]()
    for number, row in rows:
        try:
            line = _read_line(number, row, tenants=tenants, known=known)
        except CiviparoisseError as error:
            faults.append(_("line %(number)s: %(fault)s") % {"number": number, "fault": error.message})
            continue
        if (line.tenant.slug, line.mail) in seen:
            named = {"number": number, "mail": line.mail}
            faults.append(_("line %(number)s: %(mail)s stands there twice for this parish") % named)
        seen.add((line.tenant.slug, line.mail))
        lines.append(line)
    if faults:
        raise _refuse(faults)
    return lines


def import_contacts(lines: list[Line], *, by: str, now: datetime) -> list[ParishContact]:
    """Record those of `lines` that are not known yet, all or none, and return them; each is asked by a mail."""
    with transaction.atomic():
        return [
            add_contact(
                line.tenant,
                name=line.name,
                mail=line.mail,
                may_ask=line.may_ask,
                is_informed=line.is_informed,
                by=by,
                now=now,
            )
            for line in lines
            if not line.is_known
        ]


def _split(text: str) -> list[tuple[int, dict[str, str]]]:
    """Return (number of the line, values by column)."""
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    try:
        table = list(_iterate(text, delimiter))
    except csv.Error as error:
        raise _refuse([str(error)]) from None
    columns = [name.strip().lower() for name in table[0][1]] if table else []
    missing, unknown = set(NEEDED) - set(columns), set(columns) - {*NEEDED, *OPTIONAL}
    faults = [_("the column %(name)s is missing") % {"name": name} for name in sorted(missing)]
    faults += [_("the column %(name)s is not known") % {"name": repr(name)} for name in sorted(unknown)]
    if len(columns) != len(set(columns)):
        faults.append(_("a column stands there twice"))
    if len(table) > MOST_LINES + 1:
        faults.append(_("there are more than %(count)s lines") % {"count": MOST_LINES})
    wrong = [number for number, values in table[1:] if len(values) != len(columns)]
    if not faults:
        faults = [_("line %(number)s: it has not as many values as the first line") % {"number": one} for one in wrong]
    if faults:
        raise _refuse(faults)
    return [(number, dict(zip(columns, values, strict=True))) for number, values in table[1:]]


def _iterate(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text), delimiter=delimiter, strict=True)
    for values in reader:
        if any(value.strip() for value in values):
            yield reader.line_num, values


def _read_line(number: int, row: dict[str, str], *, tenants: dict[str, Tenant], known: set[tuple[str, str]]) -> Line:
    slug = row["tenant"].strip().lower()
    if slug not in tenants:
        raise CiviparoisseError("not_found", what="parish", name=slug)
    flags = {name: _read_flag(name, row.get(name, "")) for name in OPTIONAL}
    name, mail = check_contact(name=row["name"], mail=row["mail"], **flags)
    return Line(number, tenants[slug], name, mail, **flags, is_known=(slug, mail) in known)


def _read_flag(name: str, text: str) -> bool:
    value = text.strip().lower()
    if value not in YES | NO:
        raise CiviparoisseError("invalid_value", field=name, reason=_("give yes or no."))
    return value in YES


def _refuse(faults: list[str]) -> CiviparoisseError:
    return CiviparoisseError("contact_file_invalid", count=len(faults), summary="".join(f"\n- {one}" for one in faults))
