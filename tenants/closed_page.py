"""The page that visitors get while a parish's site is closed, in French, from one template for every engine."""

from datetime import datetime, timedelta

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import override

from domain.closed_page import ClosedPage, Closing
from domain.states import InstanceState
from tenants.models import Instance

TEMPLATE = "tenants/closed_site.html"
LANGUAGE = "fr"
# A site that is stopped or removed because somebody wanted it so is not closed for a moment.
WITHOUT_PAGE = frozenset(
    {
        InstanceState.NEW,
        InstanceState.SUSPENDING,
        InstanceState.SUSPENDED,
        InstanceState.DELETING,
        InstanceState.DELETED,
    }
)


def make_closed_page(instance: Instance) -> ClosedPage | None:
    """Return what visitors get while the instance's site is closed; None where it is not, or where nothing is shown."""
    if not instance.closing or InstanceState(instance.state) in WITHOUT_PAGE:
        return None
    stays = instance.closing == Closing.UNTIL_MENDED
    back_at = None if stays else instance.back_at
    late = _render(instance, stays=stays, is_late=not stays)
    page = late if stays else _render(instance, back_at=back_at)
    return ClosedPage(page=page, late_page=late, back_at=back_at)


def word_back_at(moment: datetime) -> str:
    """Return a moment as people are told it, "14:32", a minute later so that it holds."""
    return date_format(localtime(moment + timedelta(minutes=1)), "H:i")


def _render(instance: Instance, *, back_at: datetime | None = None, is_late: bool = False, stays: bool = False) -> str:
    told = {
        "parish": instance.tenant.name,
        "back_at": "" if back_at is None else word_back_at(back_at),
        "is_late": is_late,
        "stays": stays,
    }
    with override(LANGUAGE):
        return render_to_string(TEMPLATE, told)
