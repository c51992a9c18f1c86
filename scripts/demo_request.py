"""The demo's parish asks for its data of an earlier moment, UEPAL approves, it is done, and it is undone.

The same functions as the pages of parishes and of the administration call. What the clock does once a minute is called
here beside it, so that nobody waits for it: it may be called as often as one likes.
"""

import re
import time

from django.contrib.auth.models import User
from django.utils import timezone

from backups.models import Backup
from domain.parish_requests import OPEN_STATES, RequestState
from operations.role_groups import give_roles
from operations.roles import RESTORER
from parish_requests.actors import make_contact_actor, make_staff_actor
from parish_requests.asking import begin_request, submit_request, withdraw_request
from parish_requests.contacts import add_contact, confirm_contact
from parish_requests.deciding import approve_request
from parish_requests.models import ContactMail, ParishContact, RestoreRequest
from parish_requests.post import CONFIRMATION_PATH
from parish_requests.previews import get_digest
from parish_requests.running import advance_requests
from parish_requests.undoing import request_undo
from tenants.models import Instance

NAME, MAIL = "Jeanne Weiss", "jeanne.weiss@saint-paul.example.org"
# A loss of which nobody knows how large it is takes two persons.
APPROVERS = ("admin", "demo-restorer")
WAITED_SECONDS = 240.0
RUNNING = RequestState.RUNNING.value
OPEN = [state.value for state in OPEN_STATES]


def ensure_contact(instance: Instance) -> ParishContact:
    """Return the contact who asks: recorded once, and confirmed by the link in the mail to her."""
    now = timezone.now()
    contact = ParishContact.objects.filter(tenant=instance.tenant, mail=MAIL).first()
    if contact is None:
        contact = add_contact(instance.tenant, name=NAME, mail=MAIL, by="demo", now=now)
    if contact.confirmed_at is None:
        mail = ContactMail.objects.filter(address=MAIL, body__contains=CONFIRMATION_PATH).latest("pk")
        found = re.search(rf"{CONFIRMATION_PATH}(\S+)", mail.body)
        assert found is not None, "the filter above has found it"
        contact = confirm_contact(found[1], now)
    return contact


def ask_for(backup_id: str, contact: ParishContact) -> RestoreRequest:
    """Ask in the contact's name to go back to that backup; what an interrupted demo left open is ended before."""
    actor = make_contact_actor(contact)
    for left in RestoreRequest.objects.filter(asked_by=contact, state__in=OPEN):
        if left.state == RUNNING:
            follow(left)
        else:
            withdraw_request(left, actor=actor, now=timezone.now())
    backup = Backup.objects.select_related("instance").get(backup_id=backup_id)
    why = "L’importation de ce matin était celle d’une autre paroisse."
    draft = begin_request(
        instance=backup.instance,
        wish="restore",
        cause="import",
        backup=backup,
        why=why,
        contact=contact,
        actor=actor,
        now=timezone.now(),
    )
    return submit_request(draft, actor=actor, now=timezone.now())


def ask_undo(request: RestoreRequest, contact: ParishContact) -> RestoreRequest:
    """Ask in the contact's name to put back what was there before."""
    actor = make_contact_actor(contact)
    return request_undo(request, actor=actor, contact=contact, why="C’était la bonne.", now=timezone.now())


def approve(request: RestoreRequest) -> list[str]:
    """Approve it in the name of as many accounts as it takes; return their names."""
    names = list(APPROVERS[: request.approvals_needed])
    for name in names:
        approve_request(
            request,
            person=_ensure_person(name),
            actor=make_staff_actor(name),
            seen_preview_sha256=get_digest(request),
            now=timezone.now(),
        )
    return names


def follow(request: RestoreRequest) -> RestoreRequest:
    """Return the request once it has ended, or has not after WAITED_SECONDS."""
    deadline = time.monotonic() + WAITED_SECONDS
    while request.state in OPEN and time.monotonic() < deadline:
        advance_requests(now=timezone.now())
        request.refresh_from_db()
        time.sleep(0.2)  # between two looks, not instead of one
    return request


def _ensure_person(name: str) -> User:
    """Return the account; who is not there is made without a password, so that nobody comes in as them."""
    person, is_new = User.objects.get_or_create(username=name, defaults={"is_staff": True, "password": "!"})
    if is_new:
        give_roles(person, [RESTORER], requested_by="demo")
    return User.objects.get(pk=person.pk)
