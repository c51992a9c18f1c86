"""How far the confirmation of a contact's address is, as a badge; and the contacts of one parish for its page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from civiparoisse.presentation import BAD, DOUBTFUL, GOOD, format_time
from console.instances.columns import make_badge
from operations.permissions import may
from parish_requests.models import ParishContact
from tenants.models import Tenant

ADD, CHANGE, REMOVE, LOOK = (f"parish_requests.{verb}_parishcontact" for verb in ("add", "change", "delete", "view"))
# So many are shown on the parish's page; all of them are in the list.
SHOWN = 20


def make_state_badge(contact: ParishContact) -> SafeString:
    """Return whether the address was confirmed, as a badge."""
    if contact.confirmed_at is not None:
        return make_badge(_("confirmed"), GOOD)
    if contact.confirmation_sent_at is None:
        return make_badge(_("no mail sent yet"), BAD)
    return make_badge(_("waits for its confirmation"), DOUBTFUL)


def describe_state(contact: ParishContact) -> str:
    """Return a sentence: since when the address is confirmed, or what is waited for."""
    if contact.confirmed_at is not None:
        return _("The address was confirmed on %(time)s.") % {"time": format_time(contact.confirmed_at)}
    if contact.confirmation_sent_at is None:
        return _("No mail was sent to this address yet: send it.")
    return _(
        "The mail was sent on %(time)s and is not answered yet: until then this contact may ask nothing, and is told"
        " nothing."
    ) % {"time": format_time(contact.confirmation_sent_at)}


def list_contacts(request: HttpRequest, tenant: Tenant) -> dict[str, Any]:
    """Return what the parish's page shows of its contacts; nothing for those who may not see them."""
    if not may(request.user, LOOK):
        return {}
    rows = list(tenant.contacts.order_by("name", "pk")[: SHOWN + 1])
    address = reverse("admin:parish_requests_parishcontact_changelist")
    return {
        "sees_contacts": True,
        "contacts": [
            {
                "contact": row,
                "badge": make_state_badge(row),
                "link": reverse("admin:parish_requests_parishcontact_change", args=[row.pk]),
                "removal": reverse("admin:parish_requests_parishcontact_delete", args=[row.pk]),
            }
            for row in rows[:SHOWN]
        ],
        "may_remove_contacts": may(request.user, REMOVE),
        "all_contacts": f"{address}?tenant__id__exact={tenant.pk}" if len(rows) > SHOWN else "",
        "new_contact": _make_add_address(tenant) if may(request.user, ADD) else "",
    }


def _make_add_address(tenant: Tenant) -> str:
    return f"{reverse('admin:parish_requests_parishcontact_add')}?tenant={tenant.pk}"
