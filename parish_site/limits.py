"""How often something may be tried in one hour, by one address and one network: counted in the database, so that the
count holds over processes and restarts."""

import hashlib
import ipaddress
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.formats import date_format
from django.utils.timezone import localtime

from domain.errors import CiviparoisseError
from parish_site.models import Attempt

HOUR = timedelta(hours=1)
# A person who waits for a mail asks again twice or thrice; a mailbox is not filled by strangers.
LINKS_PER_ADDRESS = 6
# A parish's office may be one network, as a whole school or town may.
LINKS_PER_NETWORK = 40
# Links opened, codes typed, addresses confirmed.
TRIES_PER_NETWORK = 120
# Names looked for in a moment: each look reads a whole list of files.
SEARCHES_PER_CONTACT = 30
# The customary share of one subscriber: what a person can change of the own address does not count.
IPV4_BITS, IPV6_BITS = 24, 64


def count_link(mail: str, origin: str, *, now: datetime) -> None:
    """Count that a link was asked for. Both counts are made whatever the first says. Raise CiviparoisseError
    `door_too_often`."""
    found = [
        _count(f"link network {find_network(origin)}", limit=LINKS_PER_NETWORK, now=now),
        _count(f"link address {mail}", limit=LINKS_PER_ADDRESS, now=now),
    ]
    if not all(found):
        _refuse(now)


def count_try(origin: str, *, now: datetime) -> None:
    """Count that somebody tries to come in with a link or a code. Raise CiviparoisseError `door_too_often`."""
    if not _count(f"try network {find_network(origin)}", limit=TRIES_PER_NETWORK, now=now):
        _refuse(now)


def count_search(contact_id: int, *, now: datetime) -> None:
    """Count that a contact looks for a file. Raise CiviparoisseError `door_too_often`."""
    if not _count(f"search contact {contact_id}", limit=SEARCHES_PER_CONTACT, now=now):
        _refuse(now)


def find_network(origin: str) -> str:
    """Return the network of a client's address; of what is no address the text itself."""
    try:
        address = ipaddress.ip_address(origin.partition("%")[0])
    except ValueError:
        return origin
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    bits = IPV4_BITS if address.version == 4 else IPV6_BITS
    return str(ipaddress.ip_network((address, bits), strict=False))


def forget_attempts(*, now: datetime) -> int:
    """Delete the counts of hours that are over; return how many."""
    return Attempt.objects.filter(hour__lt=find_hour(now)).delete()[0]


def find_hour(now: datetime) -> datetime:
    """Return the beginning of the hour of `now`."""
    return now.replace(minute=0, second=0, microsecond=0)


def _count(what: str, *, limit: int, now: datetime) -> bool:
    """Count one; return whether it is within the limit. One UPDATE decides: of many at once no more come through."""
    # Keyed: from the digest of a mail address the address is guessed.
    key = hashlib.blake2b(what.encode("utf-8", "surrogatepass"), key=_get_key(), digest_size=32).hexdigest()
    hour = find_hour(now)
    Attempt.objects.bulk_create([Attempt(key=key, hour=hour)], ignore_conflicts=True)
    return Attempt.objects.filter(key=key, hour=hour, count__lt=limit).update(count=F("count") + 1) == 1


def _get_key() -> bytes:
    return hashlib.sha256(f"parish_site.limits {settings.SECRET_KEY}".encode()).digest()


def _refuse(now: datetime) -> None:
    raise CiviparoisseError("door_too_often", time=date_format(localtime(find_hour(now) + HOUR), "H:i"))
