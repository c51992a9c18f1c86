"""The FOCUS file against the specification's own rules for version 1.2, checked independently of what writes it.

The rules are those of the specification (column, type, null allowed, allowed values, products of quantity and price).
"""

import csv
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from finops.exports.focus import Charge, format_focus_csv
from finops.months import PARIS
from finops.pricing import Kind

# Column -> (type, may be null): all mandatory columns of FOCUS 1.2.
MANDATORY = {
    "BilledCost": ("decimal", False),
    "BillingAccountId": ("text", False),
    "BillingAccountName": ("text", True),
    "BillingCurrency": ("currency", False),
    "BillingPeriodEnd": ("time", False),
    "BillingPeriodStart": ("time", False),
    "ChargeCategory": ("text", False),
    "ChargeClass": ("text", True),
    "ChargeDescription": ("text", True),
    "ChargePeriodEnd": ("time", False),
    "ChargePeriodStart": ("time", False),
    "ContractedCost": ("decimal", False),
    "EffectiveCost": ("decimal", False),
    "InvoiceIssuerName": ("text", False),
    "ListCost": ("decimal", False),
    "PricingQuantity": ("decimal", True),
    "PricingUnit": ("text", True),
    "ProviderName": ("text", False),
    "PublisherName": ("text", False),
    "ServiceCategory": ("text", False),
    "ServiceName": ("text", False),
}
CHARGE_CATEGORIES = {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
SUBCATEGORIES = {
    "Containers": "Compute",
    "Other (Compute)": "Compute",
    "Block Storage": "Storage",
    "Backup Storage": "Storage",
    "Other (Other)": "Other",
}
PATTERNS = {
    "decimal": re.compile(r"-?[0-9]+(\.[0-9]+)?"),
    "currency": re.compile(r"[A-Z]{3}"),
    "time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"),
    "text": re.compile(r"\S(.*\S)?", re.DOTALL),
}
START, END = datetime(2026, 3, 1, tzinfo=PARIS), datetime(2026, 4, 1, tzinfo=PARIS)


def make_charge(**changes: object) -> Charge:
    values: dict[str, object] = {
        "period_start": START,
        "period_end": END,
        "charge_start": START,
        "charge_end": END,
        "currency": "EUR",
        "tenant": "saint-paul",
        "tenant_name": 'Paroisse "Saint-Paul" d\'Étupes; Ill',
        "instance": "saint-paul",
        "kind": Kind.CPU,
        "component": "db",
        "storage_class": "",
        "quantity": Decimal("185.75"),
        "unit": "vCPU-h",
        "exact": Decimal("5.87174325"),
        "amount": Decimal("5.87"),
        "price_sheet": 7,
    }
    return Charge(**{**values, **changes})  # type: ignore[arg-type]


def read(*charges: Charge) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(format_focus_csv(charges))))


def check(row: dict[str, str]) -> None:
    """Assert every rule of the specification that a file can break."""
    for column, (kind, may_be_null) in MANDATORY.items():
        assert column in row, f"{column} is mandatory"
        assert row[column] or may_be_null, f"{column} is null"
        assert not row[column] or PATTERNS[kind].fullmatch(row[column]), f"{column}: {row[column]!r} is no {kind}"
    assert row["ChargeCategory"] in CHARGE_CATEGORIES
    assert row["ChargeClass"] in ("", "Correction")
    assert row["BillingPeriodStart"] <= row["ChargePeriodStart"] < row["ChargePeriodEnd"] <= row["BillingPeriodEnd"]
    assert SUBCATEGORIES[row["ServiceSubcategory"]] == row["ServiceCategory"]
    assert row["ChargeCategory"] != "Usage" or (row["PricingQuantity"] and row["PricingUnit"] and row["SkuPriceId"])
    for cost, price in (("ListCost", "ListUnitPrice"), ("ContractedCost", "ContractedUnitPrice")):
        assert Decimal(row[price]) * Decimal(row["PricingQuantity"]) == Decimal(row[cost])
        assert Decimal(row[price]) >= 0
    assert bool(row["ResourceType"]) == bool(row["ResourceId"])
    assert bool(row["SubAccountName"]) == bool(row["SubAccountId"])
    assert isinstance(json.loads(row["Tags"]), dict)
    assert all(row[column].isascii() for column in row if not column.startswith("x_"))
    custom = set(row) - set(MANDATORY)
    assert all(re.fullmatch(r"(x_)?[A-Z][A-Za-z]*", column) for column in custom)


def test_a_charge_has_every_mandatory_column_and_its_values() -> None:
    (row,) = read(make_charge())
    check(row)
    assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == ("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")
    assert (row["BilledCost"], row["EffectiveCost"], row["PricingUnit"]) == ("5.87", "5.87", "vCPU-Hours")
    assert (row["SubAccountId"], row["ResourceId"], row["x_Basis"]) == ("saint-paul", "saint-paul/db", "request")
    assert row["SubAccountName"] == 'Paroisse "Saint-Paul" d\'Etupes; Ill'


def test_what_no_parish_pays_is_a_charge_without_a_sub_account() -> None:
    (row,) = read(make_charge(tenant="", tenant_name="", instance="", kind=Kind.IDLE, component="cpu"))
    check(row)
    assert row["SubAccountId"] == row["ResourceId"] == ""


def test_a_part_of_something_shared_is_one_of_its_kind() -> None:
    (row,) = read(make_charge(kind=Kind.SHARED, component="ingress", instance="", quantity=Decimal(0), unit="h"))
    check(row)
    assert (row["PricingQuantity"], row["PricingUnit"]) == ("1", "Units")


def test_the_hour_that_a_change_of_clocks_takes_is_not_lost() -> None:
    rows = read(make_charge())
    times = [datetime.fromisoformat(rows[0][name]) for name in ("BillingPeriodStart", "BillingPeriodEnd")]
    assert (times[1] - times[0]).total_seconds() == 743 * 3600
    assert times[0].tzinfo == UTC


def test_a_service_has_one_category_whatever_is_charged() -> None:
    rows = read(*(make_charge(kind=kind, instance="", unit="h") for kind in Kind))
    services = {(row["ServiceName"], row["ServiceCategory"], row["ServiceSubcategory"]) for row in rows}
    assert len(services) == len({name for name, _category, _subcategory in services})


def test_a_name_without_a_letter_of_ascii_is_its_slug() -> None:
    (row,) = read(make_charge(tenant_name="教会"))
    assert row["SubAccountName"] == "saint-paul"


def test_an_empty_month_is_a_header() -> None:
    assert set(MANDATORY) <= set(format_focus_csv([]).strip().split(","))


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(Kind),
    quantity=st.decimals(0, 10**9, places=9),
    exact=st.decimals(0, 10**7, places=20),
    instance=st.sampled_from(["", "saint-paul"]),
    name=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).filter(str.strip),
)
def test_every_line_keeps_the_rules(kind: Kind, quantity: Decimal, exact: Decimal, instance: str, name: str) -> None:
    units = {Kind.CPU: "vCPU-h", Kind.MEMORY: "GiB-h", Kind.STORAGE: "GB-h"}
    charge = make_charge(
        kind=kind, quantity=quantity, exact=exact, instance=instance, tenant_name=name, unit=units.get(kind, "h"),
        amount=exact.quantize(Decimal("0.01")),
    )  # fmt: skip
    (row,) = read(charge)
    check(row)
    assert row["x_SubAccountName"] == name
    assert Decimal(row["BilledCost"]) == charge.amount
