"""Who does something with a request: a contact of the parish, an account of UEPAL, or the manager by itself."""

from dataclasses import dataclass

from parish_requests.choices import ActorKind
from parish_requests.models import ParishContact

NAME_LENGTH = 254
ORIGIN_LENGTH = 45


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `name`: of a contact its name and address, of an account its name, of the manager "". `origin`: the
    network address that it came from, "" where there is none."""

    kind: ActorKind
    name: str
    origin: str = ""


MANAGER = Actor(ActorKind.MANAGER, "")


def make_contact_actor(contact: ParishContact, origin: str = "") -> Actor:
    """Return a contact of a parish as the one who acts."""
    return Actor(ActorKind.CONTACT, f"{contact.name} <{contact.mail}>"[:NAME_LENGTH], origin[:ORIGIN_LENGTH])


def make_staff_actor(username: str, origin: str = "") -> Actor:
    """Return an account of UEPAL as the one who acts."""
    return Actor(ActorKind.STAFF, username[:NAME_LENGTH], origin[:ORIGIN_LENGTH])
