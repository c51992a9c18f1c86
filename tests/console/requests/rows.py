"""Contacts and requests for tests of pages: requests are begun and moved by the same functions as everywhere."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from backups.models import Backup
from domain.parish_requests import RequestState, Wish
from domain.states import InstanceState
from parish_requests.actors import make_contact_actor
from parish_requests.asking import begin_request, submit_request
from parish_requests.models import ParishContact, RestoreRequest
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row, make_tenant_row


def make_contact_row(
    slug: str = "saint-paul", *, mail: str = "jeanne@example.org", name: str = "Jeanne Martin", **values: Any
) -> ParishContact:
    """Return a contact of the parish `slug`, confirmed a day ago unless `confirmed_at` says otherwise."""
    given = {"confirmed_at": timezone.now() - timedelta(days=1), **values}
    return ParishContact.objects.create(tenant=make_tenant_row(slug), name=name, mail=mail, **given)


def get_instance(slug: str = "saint-paul") -> Instance:
    """Return the running instance of the parish `slug`, made once."""
    found = Instance.objects.filter(identifier=slug).first()
    return found or make_instance_row(slug, state=InstanceState.ACTIVE)


def make_moment(slug: str = "saint-paul", *, hours_ago: float = 5) -> Backup:
    """Return a good set of the parish's instance."""
    return make_backup_row(get_instance(slug), hours_ago=hours_ago, scope="full")


def make_request_row(
    slug: str = "saint-paul",
    *,
    wish: Wish = Wish.RESTORE,
    contact: ParishContact | None = None,
    why: str = "The import went wrong",
    backup: Backup | None = None,
    is_sent: bool = True,
    now: datetime | None = None,
) -> RestoreRequest:
    """Return a request of a contact of the parish, sent unless told otherwise."""
    now = now or timezone.now()
    contact = contact or ParishContact.objects.filter(tenant__slug=slug).first() or make_contact_row(slug)
    if wish in (Wish.RESTORE, Wish.SHOW_FIRST) and backup is None:
        backup = make_moment(slug)
    actor = make_contact_actor(contact, "192.0.2.7")
    request = begin_request(
        instance=get_instance(slug), wish=wish, actor=actor, contact=contact, backup=backup, why=why, now=now
    )
    return submit_request(request, actor=actor, now=now) if is_sent else request


def set_state(request: RestoreRequest, state: RequestState, **values: Any) -> RestoreRequest:
    """Return the request as if it had come to `state`: for what a page shows, not for what it does."""
    RestoreRequest.objects.filter(pk=request.pk).update(state=state.value, **values)
    request.refresh_from_db()
    return request
