"""Lines of cost as FOCUS 1.3, the FinOps Open Cost and Usage Specification: any FinOps tool reads them.

Showback: no invoice is sent to a parish, so InvoiceId is null. Every cost is our internal price; BilledCost is its part
of the month to the cent (their sum is the bill), ListCost and ContractedCost are quantity × price. What is consumed is
what is reserved, used or not (x_Basis). We do not tell who hosts us: the host is then, by the specification, the
provider. Times in UTC, ends exclusive.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from finops.prices.pricing import CostKind

ACCOUNT, ACCOUNT_TYPE, SUB_ACCOUNT_TYPE = "UEPAL", "Organization", "Parish"
PROVIDER = "Civiparoisse"
# (service, its category and subcategory, type of its resources) by kind: a service has one category, and categories
# and subcategories are the specification's own.
COMPUTE, SHARED = ("Instances", "Compute", "Containers", "Pod"), ("Shared costs", "Other", "Other (Other)", "Share")
SERVICES = {
    CostKind.CPU: COMPUTE,
    CostKind.MEMORY: COMPUTE,
    CostKind.STORAGE: ("Volumes", "Storage", "Block Storage", "Volume"),
    CostKind.BACKUP: ("Backups", "Storage", "Backup Storage", "Backup"),
    CostKind.SHARED: SHARED,
    CostKind.IDLE: ("Capacity nobody reserved", "Compute", "Other (Compute)", "Share"),
    CostKind.OVERHEAD: SHARED,
}
UNITS = {"vCPU-h": "vCPU-Hours", "GiB-h": "GiB-Hours", "GB-h": "GB-Hours", "h": "Hours"}
# Letters that have no form with an accent taken off.
WITHOUT_ACCENT = str.maketrans(
    {"ß": "ss", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "’": "'", "–": "-", "«": '"', "»": '"'}
)
PRICE_DECIMALS = Decimal("1e-12")
# All of the specification's, for its validator looks also at those of what we do not have: they are null.
COLUMNS = (
    "AllocatedMethodDetails",
    "AllocatedMethodId",
    "AllocatedResourceId",
    "AllocatedResourceName",
    "AllocatedTags",
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "CapacityReservationId",
    "CapacityReservationStatus",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractApplied",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "HostProviderName",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceProviderName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceDetails",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
    "x_Basis",
    "x_Component",
    "x_Kind",
    "x_SubAccountName",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line of a month's cost, with what the file says around it. Times with zone, ends exclusive.

    `tenant`, `tenant_name`: empty for what no parish pays. `exact`: before rounding, `amount`: to the cent.
    """

    period_start: datetime
    period_end: datetime
    charge_start: datetime
    charge_end: datetime
    currency: str
    tenant: str
    tenant_name: str
    instance: str
    kind: CostKind
    component: str
    storage_class: str
    quantity: Decimal
    unit: str
    exact: Decimal
    amount: Decimal
    price_sheet: int


def format_focus_csv(charges: Iterable[Charge]) -> str:
    """Return the file: RFC 4180, UTF-8, a header, one row a charge."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(make_row(charge) for charge in charges)
    return out.getvalue()


def make_row(charge: Charge) -> dict[str, str]:
    """Return a charge's columns; what does not apply is empty, the CSV's null."""
    service, category, subcategory, resource_type = SERVICES[charge.kind]
    row = {
        "BillingAccountId": ACCOUNT,
        "BillingAccountName": ACCOUNT,
        "BillingAccountType": ACCOUNT_TYPE,
        "BillingCurrency": charge.currency,
        "BillingPeriodEnd": _write_time(charge.period_end),
        "BillingPeriodStart": _write_time(charge.period_start),
        "ChargeCategory": "Usage",
        "ChargeDescription": f"{charge.kind.value} {fold_to_ascii(charge.component)}".strip(),
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": _write_time(charge.charge_end),
        "ChargePeriodStart": _write_time(charge.charge_start),
        "HostProviderName": PROVIDER,
        "InvoiceIssuerName": PROVIDER,
        "ProviderName": PROVIDER,
        "PublisherName": PROVIDER,
        "ResourceId": _name_resource(charge),
        # Pods and volumes have no name to show, only an identifier; what is shared has the one of its price.
        "ResourceName": "" if charge.instance or charge.kind is CostKind.IDLE else fold_to_ascii(charge.component),
        "ResourceType": resource_type,
        "ServiceCategory": category,
        "ServiceName": service,
        "ServiceProviderName": PROVIDER,
        "ServiceSubcategory": subcategory,
        "SubAccountId": charge.tenant,
        "SubAccountName": fold_to_ascii(charge.tenant_name) or charge.tenant,
        "SubAccountType": SUB_ACCOUNT_TYPE if charge.tenant else "",
        "Tags": _write_details(instance=charge.instance) or "{}",
        "x_Basis": "request",
        "x_Component": charge.component,
        "x_Kind": charge.kind.value,
        "x_SubAccountName": charge.tenant_name,
        **_make_prices(charge),
    }
    return {name: row.get(name, "") for name in COLUMNS}


def _name_resource(charge: Charge) -> str:
    """Return what the charge is for, one name a thing: a pod, a volume, the backups; what is shared, by its prices."""
    name = fold_to_ascii(charge.component) or charge.kind.value
    if not charge.instance:
        return f"prices-{charge.price_sheet}/{'idle-' if charge.kind is CostKind.IDLE else ''}{name}"
    return f"{charge.instance}/{name}{'-volume' if charge.kind is CostKind.STORAGE else ''}"


def _make_prices(charge: Charge) -> dict[str, str]:
    """Return the columns of money: quantity × unit price is the cost to the last digit, as the specification asks."""
    # A part of something shared has no quantity of its own: it is one of its kind.
    quantity, unit = (charge.quantity, UNITS[charge.unit]) if charge.quantity else (Decimal(1), "Units")
    price = (charge.exact / quantity).quantize(PRICE_DECIMALS)
    sku = "-".join(filter(None, (charge.kind.value, charge.storage_class)))
    name = sku if charge.instance else f"{sku}-{fold_to_ascii(charge.component)}"
    return {
        "BilledCost": _write(charge.amount),
        "ConsumedQuantity": _write(quantity),
        "ConsumedUnit": unit,
        "ContractedCost": _write(price * quantity),
        "ContractedUnitPrice": _write(price),
        "EffectiveCost": _write(charge.amount),
        "ListCost": _write(price * quantity),
        "ListUnitPrice": _write(price),
        "PricingCategory": "Standard",
        "PricingCurrency": charge.currency,
        "PricingCurrencyContractedUnitPrice": _write(price),
        "PricingCurrencyEffectiveCost": _write(charge.amount),
        "PricingCurrencyListUnitPrice": _write(price),
        "PricingQuantity": _write(quantity),
        "PricingUnit": unit,
        "SkuId": sku,
        "SkuMeter": unit,
        "SkuPriceDetails": _write_details(x_StorageClass=charge.storage_class),
        "SkuPriceId": f"{charge.price_sheet}-{name}",
    }


def fold_to_ascii(text: str) -> str:
    """Return a name in the ASCII that FOCUS's StringHandling wants: «Étupes» as Etupes. The name itself is in
    x_SubAccountName."""
    decomposed = unicodedata.normalize("NFKD", text.translate(WITHOUT_ACCENT))
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isprintable()).strip()


def _write_details(**details: str) -> str:
    """Return names and values as JSON, those without a value left out; empty when none has one."""
    given = {name: value for name, value in details.items() if value}
    return json.dumps(given) if given else ""


def _write(value: Decimal) -> str:
    """Return a number as FOCUS's NumericFormat wants it: no exponent, no separator, no needless zero."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _write_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
