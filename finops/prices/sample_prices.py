"""A price sheet to begin with: plausible figures that nobody offers, to be replaced by the provider's own."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from finops.price_models import Among, LineKind, Period, PriceLine, PriceSheet, Split

NAME = "sample"
VALID_FROM = date(2020, 1, 1)
# Kind, name, price in euros, period, split. The first two are near what providers of containers ask per request.
LINES = (
    (LineKind.CPU, "", "0.0300", Period.HOUR, Split.EVEN),
    (LineKind.MEMORY, "", "0.0040", Period.HOUR, Split.EVEN),
    (LineKind.STORAGE, "", "0.0450", Period.MONTH, Split.EVEN),
    (LineKind.BACKUP, "", "0.0100", Period.MONTH, Split.EVEN),
    (LineKind.SHARED, "control plane", "60", Period.MONTH, Split.EVEN),
    (LineKind.SHARED, "ingress", "12", Period.MONTH, Split.EVEN),
    (LineKind.SHARED, "IP address", "3", Period.MONTH, Split.EVEN),
    (LineKind.SHARED, "logs", "20", Period.MONTH, Split.COST),
)


def ensure_sample_prices() -> PriceSheet:
    """Return a sheet that holds for every engine without its own, made of sample prices where there is no sheet at
    all; one that is there is left as it is."""
    with transaction.atomic():
        known = PriceSheet.objects.filter(engine="").order_by("valid_from").first()
        if known is not None:
            return known
        sheet = PriceSheet.objects.create(name=NAME, engine="", valid_from=VALID_FROM)
        for kind, name, amount, period, split in LINES:
            PriceLine.objects.create(
                sheet=sheet,
                kind=kind,
                name=name,
                amount=Decimal(amount),
                period=period,
                split=split,
                among=Among.PROVISIONED,
            )
        return sheet
