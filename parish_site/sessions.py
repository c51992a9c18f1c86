"""Who is in: a session of one contact, looked up at each page, so that a contact who is removed is out at once."""

from datetime import datetime, timedelta

from parish_requests.models import ParishContact
from parish_site.keys import SECRET_SIGNS, digest_secret, make_secret
from parish_site.models import DoorSession

LIFETIME = timedelta(minutes=30)
# However busy somebody is.
LONGEST = timedelta(hours=8)
# Between two writes of one session.
STEP = timedelta(minutes=1)


def start_session(contact: ParishContact, *, now: datetime) -> str:
    """Begin a session of `contact`; return its secret, for the cookie."""
    secret = make_secret()
    DoorSession.objects.create(sha256=digest_secret(secret), contact=contact, started_at=now, expires_at=now + LIFETIME)
    return secret


def find_session(secret: str, *, now: datetime) -> DoorSession | None:
    """Return the session of a cookie, with its contact and parish, and let it go on for 30 minutes from now (8 hours
    in all); None where it is unknown or over, or the contact's address counts no more."""
    if len(secret) != SECRET_SIGNS:
        return None
    rows = DoorSession.objects.select_related("contact__tenant")
    row = rows.filter(sha256=digest_secret(secret), expires_at__gt=now, contact__confirmed_at__isnull=False).first()
    if row is None:
        return None
    until = min(now + LIFETIME, row.started_at + LONGEST)
    if until - row.expires_at >= STEP:
        DoorSession.objects.filter(pk=row.pk, expires_at__lt=until).update(expires_at=until)
        row.expires_at = until
    return row


def end_session(secret: str) -> None:
    """End the session of a cookie; nothing where there is none."""
    DoorSession.objects.filter(sha256=digest_secret(secret)).delete()


def forget_sessions(*, now: datetime) -> int:
    """Delete the sessions that are over; return how many."""
    return DoorSession.objects.filter(expires_at__lte=now).delete()[0]
