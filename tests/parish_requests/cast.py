"""The people of a request in tests: Jeanne of the parish, Marc and Lucie of UEPAL; and how a request gets a state."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from backups.models import Backup
from domain.states import InstanceState
from operations.models import Operation
from operations.role_groups import give_roles, parse_roles
from parish_requests.actors import Actor, make_contact_actor, make_staff_actor
from parish_requests.asking import begin_request, submit_request
from parish_requests.deciding import approve_request
from parish_requests.models import ParishContact, RestoreRequest
from parish_requests.preview_documents import digest_preview
from tenants.models import Instance, Tenant
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

WHY = "Un import a écrasé nos adresses."
ORIGIN = "192.0.2.7"


def make_contact(tenant: Tenant, name: str = "Jeanne Weiss", **values: Any) -> ParishContact:
    """Return a confirmed contact of a parish who may ask."""
    given = {"mail": f"{name.split()[0].lower()}@{tenant.slug}.example.org", "confirmed_at": timezone.now()}
    return ParishContact.objects.create(tenant=tenant, name=name, **(given | values))


def make_parish(slug: str = "saint-paul") -> Instance:
    """Return the running site of a parish, as a row, with a good set and Jeanne who may ask."""
    instance = make_instance_row(slug, state=InstanceState.ACTIVE)
    make_backup_row(instance, hours_ago=30, stored_bytes=1000)
    make_contact(instance.tenant)
    return instance


def make_person(name: str = "marc", *roles: str, mail: str = "") -> User:
    """Return an account of UEPAL; a restorer unless other roles are given."""
    person = User.objects.create_user(name, email=mail or f"{name}@uepal.example.org", is_staff=True)
    give_roles(person, parse_roles(list(roles or ("restorer",))), requested_by="test")
    return User.objects.get(pk=person.pk)


def make_draft(instance: Instance, *, contact: ParishContact | None = None, **values: Any) -> RestoreRequest:
    """Return a draft of Jeanne's: to go back to the newest set, unless other values are given."""
    jeanne = contact or ParishContact.objects.filter(tenant=instance.tenant).first() or make_contact(instance.tenant)
    given: dict[str, Any] = {"wish": "restore", "cause": "import", "why": WHY, "now": timezone.now()}
    if "backup" not in values and values.get("wish", "restore") == "restore":
        given["backup"] = Backup.objects.filter(instance=instance, state="good").latest("pk")
    return begin_request(
        instance=instance, actor=make_contact_actor(jeanne, ORIGIN), contact=jeanne, **(given | values)
    )


def make_sent(instance: Instance, *, now: datetime | None = None, **values: Any) -> RestoreRequest:
    """Return a request of Jeanne's that UEPAL has."""
    moment = now or timezone.now()
    draft = make_draft(instance, now=moment, **values)
    return submit_request(draft, actor=make_contact_actor(draft.asked_by, ORIGIN), now=moment)  # type: ignore[arg-type]


def approve(request: RestoreRequest, person: User, *, now: datetime | None = None, **values: Any) -> RestoreRequest:
    """Have `person` approve the request as it is now."""
    request.refresh_from_db()
    seen = values.pop("seen_preview_sha256", digest_preview(request.preview))
    return approve_request(
        request,
        person=person,
        actor=make_staff(person),
        seen_preview_sha256=seen,
        now=now or timezone.now(),
        **values,
    )


def make_approved(instance: Instance, **values: Any) -> RestoreRequest:
    """Return a request that as many people as it takes have approved."""
    request = make_sent(instance, **values)
    for name in ("marc", "lucie")[: request.approvals_needed]:
        person = User.objects.filter(username=name).first() or make_person(name)
        approve(request, person)
    return request


def make_staff(person: User) -> Actor:
    """Return `person` as the one who acts."""
    return make_staff_actor(person.get_username(), "198.51.100.3")


def list_lines(request: RestoreRequest) -> list[str]:
    """Return what the record of a request says was done, in order, mails left out."""
    return list(request.events.exclude(what="mailed").order_by("number").values_list("what", flat=True))


def list_operations_of(request: RestoreRequest) -> list[Operation]:
    """Return every operation that was asked for a request, the oldest first."""
    return list(Operation.objects.filter(idempotency_key__startswith=f"request:{request.reference}:").order_by("pk"))


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
