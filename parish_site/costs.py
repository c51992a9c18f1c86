"""What a parish's site cost, where UEPAL lets parishes see it: of the newest closed month, whose figures are final."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from finops.models import ClosedLine, ClosedMonth
from finops.wording.formats import format_money
from tenants.models import Tenant


def describe_costs(tenant: Tenant) -> str:
    """Return the costs of `tenant` in the newest closed month, as a sentence; "" where none is closed yet."""
    # A sub-domain may have been another parish's before.
    month = ClosedMonth.objects.filter(closed_at__gte=tenant.created_at).order_by("-month").first()
    if month is None:
        return ""
    total = ClosedLine.objects.filter(month=month, tenant=tenant.slug).aggregate(total=Sum("amount"))["total"]
    year, number = month.month.split("-")
    named = {
        "month": date_format(date(int(year), int(number), 1), "F Y"),
        "amount": format_money(total or Decimal(0), month.currency),
    }
    return _("In %(month)s your site cost %(amount)s.") % named
